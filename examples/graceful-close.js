// A server that goes away in order: it takes no new requests, lets live streams end, then closes. It never cuts a stream
// that ends in time.
//
// It prints:
//
//   client: north
//   client: middle
//   client: south
//   client: not-connected
//   server: closed, 0 clients left
//   client: connection-close
//   another client: link-refused
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();

const server = await serve("memory://line", {
  async *requestStream() {
    for (const station of ["north", "middle", "south"]) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      yield station;
    }
  },
});
const client = await connect("memory://line");

/** @type {Promise<void> | undefined} */
let closing;
for await (const station of client.requestStream("travel")) {
  console.log(`client: ${text.decode(station.data)}`);
  closing ??= server.close({ drainMs: 1_000 }); // in the middle of the stream; waits for it at most so long
  if (text.decode(station.data) === "south") {
    await client.requestResponse("one more").catch((error) => console.log(`client: ${error.code}`));
  }
}
await closing;
console.log(`server: closed, ${server.sockets.size} clients left`);

const { code } = await client.closed;
console.log(`client: ${code}`);
await connect("memory://line").catch((error) => console.log(`another client: ${error.code}`));
await client.close();
