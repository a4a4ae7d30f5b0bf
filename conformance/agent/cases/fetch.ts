// The case `fetch`: a file by request-stream, hashed as it comes, with the most bytes held meanwhile. Keeps no chunk.
import { type Case, type CaseContext } from "../case.ts";
import type { PayloadStream, RSocketClient } from "../../../src/front/rsocket.ts";
import { askReport, askResponse } from "../ask.ts";
import { optionalCountAt, textAt } from "../fields.ts";
import { scriptText } from "../script.ts";

const defaultChunkBytes = 65_536;
/** Items asked for at a time: with chunks of 64 KiB at most 4 MiB are on their way or held. */
const defaultPrefetch = 64;
const progressBytes = 1_048_576;

export const fetch: Case = async (cx) => {
  const chunkBytes = optionalCountAt(cx.params, "chunkBytes") ?? defaultChunkBytes;
  const prefetch = optionalCountAt(cx.params, "prefetch") ?? defaultPrefetch;
  const name = cx.uniqueName();
  const script = scriptText({ case: name, file: textAt(cx.params, "name"), chunkBytes });
  const socket = await cx.connect();
  const ask = () => socket.requestStream(script, { initialRequestN: prefetch, prefetch, signal: cx.signal });
  const stalledPeak = await stall(cx, socket, ask(), async () => {
    const { sent, ended } = await askReport(socket, name);
    return ended || sent >= prefetch;
  });
  const taken = await takeAll(cx, ask());
  return { ...taken, peakHeldBytes: Math.max(stalledPeak, taken.peakHeldBytes) };
};

interface Taken {
  readonly bytes: number;
  readonly items: number;
  readonly seconds: number;
  readonly sha256: string;
  readonly peakHeldBytes: number;
}

/** As fast as the hash goes. */
async function takeAll(cx: CaseContext, stream: PayloadStream): Promise<Taken> {
  const started = cx.now();
  const held = watchHeld(cx);
  const hash = cx.sha256();
  let items = 0;
  let told = 0;
  for await (const { data } of stream) {
    hash.update(data);
    items++;
    held.consumed += data.length;
    if (held.consumed - told < progressBytes) continue;
    told = held.consumed;
    cx.progress(told);
  }
  const seconds = (cx.now() - started) / 1000;
  if (held.arrived() < held.consumed) throw new Error("the meter missed bytes, so the peak would mean nothing");
  return { bytes: held.consumed, items, seconds, sha256: hash.digest(), peakHeldBytes: held.peak };
}

/** Round trips without more of the file after which the server is taken to have stopped. */
const quietTrips = 20;
/** More than the answers of one round trip, less than any chunk of a file. */
const quietBytes = 1_024;

/**
 * Takes one item, then nothing until the server has given all that was asked for, or all there is, and then gives no
 * more; then leaves. The result is the most that a consumer which has fallen asleep makes this process hold. It needs no
 * clock: a connection keeps its order, so round trips say when the server stopped.
 */
async function stall(
  cx: CaseContext,
  socket: RSocketClient,
  stream: PayloadStream,
  hasGivenAll: () => Promise<boolean>,
): Promise<number> {
  const held = watchHeld(cx);
  const iterator = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done !== true) held.consumed += first.value.data.length;
  while (!await hasGivenAll()) cx.signal.throwIfAborted();
  let before = held.arrived();
  for (let quiet = 0; quiet < quietTrips;) {
    await askResponse(socket, {}, cx.signal);
    quiet = held.arrived() - before < quietBytes ? quiet + 1 : 0;
    before = held.arrived();
  }
  await iterator.return?.();
  return held.peak;
}

/**
 * What has arrived and was not consumed, wherever it is held: in the library's reassembly, its queue, or here. Framing
 * counts as held for good, which is 9 to 12 bytes an item and never less than the truth.
 */
function watchHeld(cx: CaseContext): { consumed: number; peak: number; arrived(): number } {
  const before = cx.arrivedBytes();
  const held = { consumed: 0, peak: 0, arrived: () => cx.arrivedBytes() - before };
  cx.onArrival(() => {
    held.peak = Math.max(held.peak, held.arrived() - held.consumed);
  });
  return held;
}
