// The five interactions of RSocket between a client and a server in one program. It never leaves this process.
//
// It prints:
//
//   request-response: an answer to a question
//   request-stream: one
//   request-stream: two
//   request-stream: three
//   request-channel: got a
//   request-channel: got b
//   request-channel: got c
//   server: noted this
//   server: metadata v=2
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();

const server = await serve("memory://five", {
  requestResponse: (question) => `an answer to ${text.decode(question.data)}`,
  fireAndForget: (note) => console.log(`server: noted ${text.decode(note.data)}`),
  requestStream: () => ["one", "two", "three"],
  async *requestChannel(first, rest) {
    yield `got ${text.decode(first.data)}`;
    for await (const item of rest) yield `got ${text.decode(item.data)}`;
  },
  onMetadataPush: (metadata) => console.log(`server: metadata ${text.decode(metadata)}`),
});
const client = await connect("memory://five");

const answer = await client.requestResponse("a question");
console.log(`request-response: ${text.decode(answer.data)}`);

for await (const item of client.requestStream("count")) console.log(`request-stream: ${text.decode(item.data)}`);

for await (const item of client.requestChannel("a", ["b", "c"])) {
  console.log(`request-channel: ${text.decode(item.data)}`);
}

await client.fireAndForget("this");
await client.metadataPush("v=2");
await client.requestResponse("the last"); // requests arrive in order, so the two before it have arrived as well

await client.close();
await server.close();
