// A channel, which is a stream each way: an echo, and a sum that is told while the numbers still come. Neither side ever
// sends more than the other asks for.
//
// It prints:
//
//   there
//   and
//   back
//   1
//   5
//   14
//   30
//   that is all: 30
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();

const server = await serve("memory://channels", {
  async *requestChannel(first, rest) {
    if (text.decode(first.data) === "echo") return yield* rest;
    let sum = 0;
    for await (const item of rest) {
      sum += Number(text.decode(item.data));
      yield String(sum);
    }
    yield `that is all: ${sum}`;
  },
});
const client = await connect("memory://channels");

for await (const item of client.requestChannel("echo", ["there", "and", "back"])) console.log(text.decode(item.data));

async function* numbers() {
  for (let n = 1; n <= 4; n++) yield String(n * n);
}
for await (const item of client.requestChannel("sum", numbers())) console.log(text.decode(item.data));

await client.close();
await server.close();
