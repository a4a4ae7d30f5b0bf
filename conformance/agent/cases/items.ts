// The case `items`: many small items by request-stream and by request-channel, counted and their order checked.
import type { PayloadStream } from "../../../src/front/rsocket.ts";
import { askChannel, askStream, textOf } from "../ask.ts";
import { type Case, type Check, checked, same } from "../case.ts";
import { optionalCountAt } from "../fields.ts";

const defaultCount = 10_000;

export const items: Case = async (cx) => {
  const count = optionalCountAt(cx.params, "count") ?? defaultCount;
  const socket = await cx.connect();
  const started = cx.now();
  const streamed = await inOrder("stream", count, askStream(socket, { emit: [{ numbers: count }] }));
  const echoed = await inOrder("channel", count, askChannel(socket, { end: "echo" }, numbers(count)));
  return checked([...streamed, ...echoed], { seconds: (cx.now() - started) / 1000 });
};

async function inOrder(kind: string, count: number, stream: PayloadStream): Promise<Check[]> {
  let received = 0;
  let misplaced = 0;
  for await (const payload of stream) {
    if (textOf(payload) !== String(received)) misplaced++;
    received++;
  }
  return [same(`${kind}: every item came`, received, count), same(`${kind}: in order`, misplaced, 0)];
}

function* numbers(count: number): Generator<string> {
  for (let number = 0; number < count; number++) yield String(number);
}
