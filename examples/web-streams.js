// Web Streams on both sides: a ReadableStream as the source of a stream, and a stream read as a ReadableStream. Neither
// ever runs ahead of whoever reads.
//
// It prints:
//
//   LINE 1
//   LINE 2
//   LINE 3
//   there
//   and
//   back
//   server: cancelled
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();

const server = await serve("memory://lines", {
  requestStream() {
    let line = 0;
    return new ReadableStream({
      pull(controller) {
        if (++line <= 3) controller.enqueue(`line ${line}`);
        else controller.close();
      },
      cancel: () => console.log("server: cancelled"),
    });
  },
  // What the client sends comes as a stream as well.
  requestChannel: (_first, rest) => rest.readable(),
});
const client = await connect("memory://lines");

/** @type {TransformStream<import("headrace/rsocket").Payload, string>} */
const loud = new TransformStream({
  transform: (payload, controller) => controller.enqueue(text.decode(payload.data).toUpperCase()),
});
const print = () => new WritableStream({ write: (line) => console.log(line) });
await client.requestStream("lines").readable().pipeThrough(loud).pipeTo(print());

const words = new ReadableStream({
  start(controller) {
    for (const word of ["there", "and", "back"]) controller.enqueue(word);
    controller.close();
  },
});
const reader = client.requestChannel("send it back", words).readable().getReader();
for (let result = await reader.read(); !result.done; result = await reader.read()) {
  console.log(text.decode(result.value.data));
}

const unread = client.requestStream("lines", { prefetch: 1 }).readable().getReader();
await unread.read();
await unread.cancel(); // CANCEL goes to the server, which cancels its stream

await client.close();
await server.close();
