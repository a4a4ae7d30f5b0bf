// RSocket on a program's own server of node:http, beside its pages. It never answers what is not a WebSocket of its path.
// Deno has the same in headrace/runtimes/deno; frameworks that run on node:http (Express, Fastify, Hono) give the server.
//
// It runs on: node
//
// It prints:
//
//   a page
//   hello Ada
import { createServer } from "node:http";
import { connect, RSocketServer } from "headrace/rsocket";
import { mountWebSocket } from "headrace/runtimes/node";

const text = new TextDecoder();

const http = createServer((_request, response) => response.end("a page"));
const sockets = new RSocketServer({ requestResponse: (name) => `hello ${text.decode(name.data)}` });
const unmount = await mountWebSocket(http, (link) => sockets.accept(link), { path: "/rsocket" });
await new Promise((resolve) => http.listen(0, "127.0.0.1", () => resolve(undefined)));
const address = http.address();
const port = typeof address === "object" ? address?.port : 0;

console.log(await (await fetch(`http://127.0.0.1:${port}/`)).text());
const client = await connect(`ws://127.0.0.1:${port}/rsocket`);
console.log(text.decode((await client.requestResponse("Ada")).data));

await client.close();
await sockets.close();
unmount();
http.closeAllConnections();
http.close();
