// Streams a file from a server to a client over TCP. Neither side ever holds more of it than the client asks for ahead.
//
// The file is made up here, so that this program needs none. A real one is `createReadStream(path)` of node:fs, on Node,
// Deno and Bun alike: anything that can be read with `for await` can be returned from requestStream.
//
// It prints:
//
//   received 10485760 bytes in 640 items, intact
//   the server was never more than 32 items ahead
import { connect, serve } from "headrace/rsocket";

const chunkBytes = 16_384;
const chunks = 640;
let read = 0; // chunks that the server has read so far

async function* file() {
  while (read < chunks) {
    read++;
    yield new Uint8Array(chunkBytes).fill(read); // its own bytes for each item: once sent they are the library's
  }
}

const server = await serve("tcp://127.0.0.1:0", { requestStream: () => file() });
const client = await connect(server.urls);

let bytes = 0;
let taken = 0;
let mostAhead = 0;
let intact = true;
for await (const { data } of client.requestStream("a-file", { prefetch: 32 })) {
  mostAhead = Math.max(mostAhead, read - taken);
  taken++;
  bytes += data.length;
  intact &&= data.every((byte) => byte === taken % 256);
}
console.log(`received ${bytes} bytes in ${taken} items, ${intact ? "intact" : "damaged"}`);
console.log(`the server was ${mostAhead <= 32 ? "never" : "once"} more than 32 items ahead`);

await client.close();
await server.close();
