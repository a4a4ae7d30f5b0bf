// Ways to end a call early: a time, a signal, a `break`. What ends it here ends it on the server too; nothing runs on.
//
// It prints:
//
//   link-timeout
//   changed my mind
//   1
//   2
//   the signal's reason
//   given up: the first, the second, a count, an endless count
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();
/** @type {string[]} */
const givenUp = [];

const server = await serve("memory://slow", {
  async requestResponse(payload, { signal }) {
    const asked = text.decode(payload.data);
    if (asked === "what was given up?") {
      await new Promise((resolve) => setTimeout(resolve, 20)); // a generator in the middle of an await ends after it
      return givenUp.join(", ");
    }
    await new Promise((resolve) => signal.addEventListener("abort", resolve)); // has no answer, waits for the end
    givenUp.push(asked);
    return undefined;
  },
  async *requestStream(payload) {
    try {
      for (let n = 1;; n++) {
        yield String(n);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      givenUp.push(text.decode(payload.data));
    }
  },
});
const client = await connect("memory://slow", { timeoutMs: 5_000 }); // connecting may take so long, and no longer

await client.requestResponse("the first", { timeoutMs: 20 }).catch((error) => console.log(error.code));

const controller = new AbortController();
const second = client.requestResponse("the second", { signal: controller.signal });
controller.abort("changed my mind");
await second.catch((reason) => console.log(reason));

for await (const item of client.requestStream("a count")) {
  console.log(text.decode(item.data));
  if (text.decode(item.data) === "2") break;
}

const signal = AbortSignal.timeout(30);
try {
  for await (const _item of client.requestStream("an endless count", { signal }));
} catch (error) {
  console.log(error === signal.reason ? "the signal's reason" : error);
}

const answer = await client.requestResponse("what was given up?");
console.log(`given up: ${text.decode(answer.data)}`);

await client.close();
await server.close();
