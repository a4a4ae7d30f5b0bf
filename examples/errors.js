// Errors: what a handler throws, what nobody handles, nobody there, a lost link, and going on after it. Each rejects the
// one call it belongs to, or all calls of its connection; none ends the program.
//
// It prints:
//
//   client: RemoteError application-code 0x301, The peer answered ERROR[0x301]: sold out
//   server: Error: the cook's password is 1234
//   client: RemoteError application-error 0x201, The peer answered ERROR[APPLICATION_ERROR]: the handler failed
//   client: RemoteError rejected 0x202, The peer answered ERROR[REJECTED]: no handler for request-stream
//   client: LinkError link-refused
//   client: LinkError link-reset
//   client: UsageError not-connected
//   client: RemoteError application-code 0x301, The peer answered ERROR[0x301]: sold out
import { RemoteError } from "headrace";
import { connect, RSocketError, serve } from "headrace/rsocket";
import { createMemory } from "headrace/transports";

const text = new TextDecoder();

// The memory transport, with the links that come in kept, so that one can be cut below.
const memory = createMemory();
/** @type {import("headrace").Link[]} */
const links = [];
/** @type {import("headrace").Transport} */
const transport = {
  ...memory,
  async listen(runtime, url, options, accept) {
    if (memory.listen === undefined) throw new Error("it only dials");
    return await memory.listen(runtime, url, options, (link) => {
      if (link.kind !== "session") links.push(link);
      accept(link);
    });
  },
};
const options = { transports: [transport] };

const server = await serve("memory://shop", {
  async requestResponse(order) {
    if (text.decode(order.data) === "tea") throw new RSocketError(0x301, "sold out"); // code and text reach the client
    if (text.decode(order.data) === "soup") throw new Error("the cook's password is 1234"); // its text stays here
    return await new Promise(() => {}); // never
  },
  onError(error) {
    if (error.code === "callback-threw") console.log("server:", String(error.cause));
  },
}, options);
const client = await connect("memory://shop", options);

/** @param {Promise<unknown>} call */
const failed = async (call) => {
  const error = await call.then(() => undefined, (reason) => reason);
  const told = error instanceof RemoteError ? ` 0x${error.rsocketCode.toString(16)}, ${error.message}` : "";
  console.log(`client: ${error.name} ${error.code}${told}`);
};

await failed(client.requestResponse("tea"));
await failed(client.requestResponse("soup"));
await failed(client.requestStream("menu")[Symbol.asyncIterator]().next()); // there is no such handler
await failed(connect("memory://elsewhere", options));

const waiting = client.requestResponse("coffee");
queueMicrotask(() => links[0]?.abort()); // pulls the plug
await failed(waiting);
await failed(client.requestResponse("coffee")); // nothing connects by itself
await client.connect();
await failed(client.requestResponse("tea"));

await client.close();
await server.close();
