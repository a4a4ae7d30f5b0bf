// What machines keep of what they received, measured on the heap: floods that aim at it, and a search that climbs
// towards the worst. It needs a collector that can be called, which only Node and Bun give a running program.
import { slabPool } from "../../src/bytes/slabs.ts";
import { RSocketConnection } from "../../src/rsocket/connection.ts";
import { writeConversation } from "./conversation-grammar.ts";
import type { MakeMachine } from "./conversation-host.ts";
import { HEAD_BYTES, STEP, stepsOf } from "./conversation-program.ts";
import { Input } from "./input.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/** What may be kept: so many times what was received, and a constant. */
export const MAX_RATIO = 3;
export const FREE_BYTES = 65_536;
/** And this for each live stream. Their number is limited by `maxConcurrentStreams`, whatever was received. */
export const STREAM_BYTES = 512;

/** What one input came to. */
export interface Retention {
  readonly name: string;
  readonly received: number;
  /** Bytes of heap and buffers that one machine keeps, above those of one that received nothing. */
  readonly retained: number;
  /** Streams alive then. Each costs something, and their number has a limit of its own. */
  readonly streams: number;
}

/** Chunks for lane 0. */
type Chunks = readonly Uint8Array[];

const SETUP = framed(Uint8Array.of(0, 0, 0, 0, 4, 0, 0, 1, 0, 0, 0, 0, 0xea, 0x60, 0, 1, 0xd4, 0xc0, 0, 0));
const genuine: MakeMachine = (options, nowMs) => new RSocketConnection<number>(options, nowMs);

/** Calls the collector, or undefined where a program cannot. */
export async function findCollector(): Promise<(() => void) | undefined> {
  const host = globalThis as { Bun?: { gc(now: boolean): void }; gc?: () => void; Deno?: unknown };
  if (host.Bun !== undefined) return () => host.Bun!.gc(true);
  if (host.gc !== undefined) return host.gc;
  if (host.Deno !== undefined) return undefined;
  const [v8, vm] = await Promise.all([import("node:v8"), import("node:vm")]);
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc") as () => void;
}

/** The floods: each asks for as much memory as it can for its bytes. */
export function floods(): Map<string, Chunks> {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => 1 + 2 * index);
  const request = (type: number, flags: number, id: number, tail: readonly number[]) =>
    framed(Uint8Array.of(0, id >>> 16, id >>> 8, id, (type << 2) | (flags >>> 8), flags, ...tail));
  return new Map<string, Chunks>([
    ["10,000 tiny requests", ids(10_000).map((id) => request(6, 0, id, [0, 0, 0, 1]))],
    ["10,000 tiny unfinished requests", ids(10_000).map((id) => request(4, 0x80, id, [1]))],
    ["10,000 empty unfinished requests", ids(10_000).map((id) => request(4, 0x80, id, []))],
    ["100,000 tiny fragments of one payload", [
      request(4, 0x80, 1, [1]),
      ...ids(100_000).map(() => request(10, 0xa0, 1, [1])),
    ]],
    ["100,000 empty fragments of one payload", [
      request(4, 0x80, 1, [1]),
      ...ids(100_000).map(() => request(10, 0xa0, 1, [])),
    ]],
    ["a declared length of 16 MiB", [Uint8Array.of(0xff, 0xff, 0xff), ...ids(100).map(() => new Uint8Array(100))]],
    ["a payload of 4 MiB in fragments", [
      request(4, 0x80, 1, [1]),
      ...ids(64).map(() => framed(concat([Uint8Array.of(0, 0, 0, 1, 0x28, 0xa0), new Uint8Array(65_536)]))),
    ]],
  ]);
}

/** Measures one input, over so many machines at once that a machine's share can be told. */
export function retentionOf(
  name: string,
  chunks: Chunks,
  collect: () => void,
  make: MakeMachine = genuine,
): Retention {
  const received = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const count = Math.max(4, Math.min(50, Math.floor(4_000_000 / (received + 1_000))));
  const [, empty] = weigh(count, [], collect, make);
  const [streams, full] = weigh(count, chunks, collect, make);
  return { name, received, retained: Math.max(0, Math.round((full - empty) / count)), streams };
}

/** True when an input is within the law. */
export function isWithin({ received, retained, streams }: Retention): boolean {
  return retained <= MAX_RATIO * received + FREE_BYTES + STREAM_BYTES * streams;
}

/** Climbs for a while from conversation to conversation, and gives the one that keeps the most for its bytes; or ends early. */
export function climb(
  seconds: number,
  seed: number,
  collect: () => void,
  make: MakeMachine = genuine,
  isEnough: (found: Retention) => boolean = () => false,
): Retention {
  const random = new Random(seed);
  const input = new Input();
  const endMs = performance.now() + seconds * 1_000;
  let best: Retention = { name: "nothing", received: 1, retained: 0, streams: 0 };
  let program = new Uint8Array(0);
  for (let tries = 0; performance.now() < endMs; tries++) {
    input.clear();
    if (tries % 4 === 0) writeConversation(input, random, "server");
    else {
      input.append(program);
      mutate(input, random, program);
    }
    const candidate = input.view().slice();
    // Many times over, because what is kept for few bytes is lost in what every machine costs.
    const once = stepsOf(candidate).filter(({ op }) => op === STEP.FRAME).map(({ bytes }) => framed(bytes));
    const found = retentionOf(`search ${tries}`, Array.from({ length: 20 }, () => once).flat(), collect, make);
    if (found.received < 1_000 || ratioOf(found) <= ratioOf(best)) continue;
    best = found;
    if (isEnough(found)) break;
    program = candidate.subarray(0, Math.max(candidate.length, HEAD_BYTES));
  }
  return best;
}

function ratioOf({ retained, received }: Retention): number {
  return Math.max(0, retained - FREE_BYTES) / received + retained / received / 1_000;
}

function weigh(
  count: number,
  chunks: Chunks,
  collect: () => void,
  make: MakeMachine,
): [streams: number, bytes: number] {
  // Twice, because buffers are given back behind the collector's back.
  const settle = (): void => {
    collect();
    collect();
  };
  settle();
  const before = bytesInUse();
  const slabs = slabPool(1); // one for all, as hosts have it
  const machines = Array.from({ length: count }, () => make({ role: "server", framing: "prefixed", slabs }, 0));
  for (const machine of machines) {
    for (const chunk of [SETUP, ...chunks]) {
      machine.receive(chunk.slice(), 0);
      for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
        if (output.type === "event" && output.event.type === "setup") machine.accept();
      }
      machine.released();
    }
  }
  settle();
  const after = bytesInUse();
  return [machines[0]!.liveStreams, after - before];
}

function bytesInUse(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

function framed(frame: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(frame.length >>> 16, frame.length >>> 8, frame.length), frame]);
}

function concat(parts: Chunks): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
