// RSocket on a program's own Deno.serve, beside its pages. It never answers what is not a WebSocket of its path.
//
// It runs on: deno
//
// It prints:
//
//   a page
//   hello Ada
import { connect, RSocketServer } from "headrace/rsocket";
import { upgradeWebSocket } from "headrace/runtimes/deno";

const text = new TextDecoder();
const { Deno } = /** @type {any} */ (globalThis); // in a program for Deno alone: the global itself

const sockets = new RSocketServer({ requestResponse: (name) => `hello ${text.decode(name.data)}` });
/** @type {(request: Request, from: import("headrace/runtimes/deno").RequestOrigin) => Response} */
const handler = (request, from) => {
  if (new URL(request.url).pathname !== "/rsocket") return new Response("a page");
  return upgradeWebSocket(request, (link) => sockets.accept(link), {}, from);
};
const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);

console.log(await (await fetch(`http://127.0.0.1:${http.addr.port}/`)).text());
const client = await connect(`ws://127.0.0.1:${http.addr.port}/rsocket`);
console.log(text.decode((await client.requestResponse("Ada")).data));

await client.close();
await sockets.close();
await http.shutdown();
