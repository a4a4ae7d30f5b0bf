// RSocket on a program's own Bun.serve, beside its pages. It never answers what is not a WebSocket of its path.
//
// It runs on: bun
//
// It prints:
//
//   a page
//   hello Ada
import { connect, RSocketServer } from "headrace/rsocket";
import { mountWebSocket } from "headrace/runtimes/bun";

const text = new TextDecoder();
const { Bun } = /** @type {any} */ (globalThis); // in a program for Bun alone: the global itself

const sockets = new RSocketServer({ requestResponse: (name) => `hello ${text.decode(name.data)}` });
const mount = mountWebSocket((link) => sockets.accept(link), { path: "/rsocket" });
const http = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  /** @param {Request} request */
  fetch(request) {
    if (new URL(request.url).pathname === "/rsocket") return mount.upgrade(request, http);
    return new Response("a page");
  },
  websocket: mount.websocket,
});

console.log(await (await fetch(`http://127.0.0.1:${http.port}/`)).text());
const client = await connect(`ws://127.0.0.1:${http.port}/rsocket`);
console.log(text.decode((await client.requestResponse("Ada")).data));

await client.close();
await sockets.close();
await http.stop(true);
