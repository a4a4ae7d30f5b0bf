// The case `large`: one payload of the largest size the default limits take, echoed and checked byte by byte.
import { type Case, checked, same } from "../case.ts";
import { optionalCountAt } from "../fields.ts";
import { fillPattern, patternMismatch } from "../pattern.ts";
import { scriptText } from "../script.ts";

const defaultPayloadBytes = 16_777_216;
const seed = 7;

/** The payload's size is that of its metadata, which carries the script, and its data together. */
export const large: Case = async (cx) => {
  const payloadBytes = optionalCountAt(cx.params, "bytes") ?? defaultPayloadBytes;
  const metadata = new TextEncoder().encode(scriptText({ end: "echo" }));
  const data = fillPattern(new Uint8Array(payloadBytes - metadata.length), seed);
  const socket = await cx.connect();
  const started = cx.now();
  const echoed = await socket.requestResponse({ data, metadata }, { signal: cx.signal });
  const seconds = (cx.now() - started) / 1000;
  return checked([
    same("the data came back whole", echoed.data.length, data.length),
    same("every byte of it is right", patternMismatch(echoed.data, seed), -1),
    same("the metadata came back", echoed.metadata?.length, metadata.length),
  ], { seconds, bytes: payloadBytes });
};
