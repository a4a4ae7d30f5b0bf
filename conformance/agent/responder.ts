// The responder of every agent: it does what the script in each request says, and records what it saw. No case is known here.
import { HeadraceError } from "../../src/contract/errors.ts";
import type { Files } from "../../src/contract/runtime.ts";
import type { Payload, PayloadInit, PayloadStream, RequestContext, RequestHandler } from "../../src/front/rsocket.ts";
import { askBack } from "./ask.ts";
import type { Counters } from "./counters.ts";
import { type CaseRecord, recordItem, type Records } from "./records.ts";
import { contentBytes, type Emission, type Kind, type Script, scriptError, scriptOf } from "./script.ts";

/** What a responder works with. */
export interface ResponderParts {
  readonly counters: Counters;
  readonly records: Records;
  /** Name -> path. A name that is not here is not served, whatever it looks like. */
  readonly files: ReadonlyMap<string, string>;
  readonly disk: Files | undefined;
}

const defaultChunkBytes = 65_536;

/** A handler for all interactions; one can serve many connections. */
export function createResponder(parts: ResponderParts): RequestHandler {
  return {
    fireAndForget(payload, cx) {
      const turn = begin(parts, "fnf", payload, cx);
      if (payload.metadata !== undefined) recordItem(turn.record, payload.metadata);
      turn.end();
    },
    async requestResponse(payload, cx) {
      const turn = begin(parts, "response", payload, cx);
      try {
        return await answer(parts, turn, payload, cx);
      } finally {
        turn.end();
      }
    },
    async *requestStream(payload, cx) {
      const turn = begin(parts, "stream", payload, cx);
      try {
        yield* sent(turn.record, items(parts, turn.script, cx));
      } finally {
        turn.end();
      }
    },
    async *requestChannel(first, rest, cx) {
      const turn = begin(parts, "channel", first, cx);
      const { end, take } = turn.script;
      // Each side ends by itself; the channel has ended here when both have.
      const reading = end === "echo" ? Promise.resolve() : read(rest, turn.record, take);
      try {
        yield* sent(turn.record, end === "echo" ? echo(turn, rest) : items(parts, turn.script, cx));
      } finally {
        void reading.then(() => turn.end());
      }
    },
    onMetadataPush(metadata) {
      const { case: name = "" } = scriptOf(metadata, undefined);
      parts.records.begin(name, "push").end();
    },
  };
}

interface Turn {
  readonly script: Script;
  readonly record: CaseRecord;
  /** Called once, when this side has nothing more to do for the request. */
  end(): void;
}

function begin({ counters, records }: ResponderParts, kind: Kind, payload: Payload, cx: RequestContext): Turn {
  const script = scriptOf(payload.data, payload.metadata);
  const { record, end } = records.begin(script.case ?? "", kind);
  const live = counters.hold("openStreams");
  cx.signal.addEventListener("abort", () => record.cancelled = true, { once: true });
  return {
    script,
    record,
    end() {
      live();
      end();
    },
  };
}

/** The one item of a request-response, or nothing when the script emits none. */
async function answer(
  parts: ResponderParts,
  { script }: Turn,
  payload: Payload,
  cx: RequestContext,
): Promise<PayloadInit | undefined> {
  if (script.report !== undefined) return JSON.stringify(await report(parts.records, script, cx.signal));
  if (script.back !== undefined) return JSON.stringify(await askBack(cx.socket, script.back, cx.signal));
  if (script.end === "echo") return payload;
  for await (const item of items(parts, script, cx)) return item;
  return undefined;
}

function report(records: Records, script: Script, signal: AbortSignal): Promise<CaseRecord> | CaseRecord {
  const name = script.report ?? "";
  return script.until === "ended" ? records.ended(name, signal) : records.get(name);
}

async function* items(parts: ResponderParts, script: Script, cx: RequestContext): AsyncGenerator<PayloadInit> {
  if (script.file !== undefined) yield* fileChunks(parts, script.file, script.chunkBytes ?? defaultChunkBytes);
  for (const emission of script.emit ?? []) yield* emitted(emission);
  const end = script.end ?? "complete";
  if (end === "never") await aborted(cx.signal);
  if (typeof end === "object") throw scriptError(end.error.code, end.error.message);
}

/** The items, counted as they are given to the library, which asks for one at a time. */
async function* sent(record: CaseRecord, source: AsyncIterable<PayloadInit>): AsyncGenerator<PayloadInit> {
  for await (const item of source) {
    record.sent++;
    yield item;
  }
}

function fileChunks({ files, disk }: ResponderParts, name: string, chunkBytes: number): AsyncIterable<Uint8Array> {
  const path = files.get(name);
  if (path === undefined) throw scriptError("invalid", `no file is served as ${name}`);
  if (disk === undefined) throw scriptError("rejected", "this runtime reads no files");
  return disk.read(path, chunkBytes);
}

function* emitted(emission: Emission): Generator<PayloadInit> {
  if ("numbers" in emission) {
    for (let number = 0; number < emission.numbers; number++) yield String(number);
    return;
  }
  if ("wrong" in emission) {
    yield 42 as unknown as PayloadInit;
    return;
  }
  const { data = "", meta } = emission;
  yield { data: contentBytes(data), ...(meta === undefined ? {} : { metadata: contentBytes(meta) }) };
}

async function* echo({ script, record }: Turn, rest: PayloadStream): AsyncGenerator<PayloadInit> {
  for (const emission of script.emit ?? []) yield* emitted(emission);
  for await (const payload of rest) {
    recordItem(record, payload.data);
    yield payload;
  }
  record.completed = true;
}

/** Reads the requester's side of a channel. Never rejects. */
async function read(rest: PayloadStream, record: CaseRecord, take: number = Infinity): Promise<void> {
  try {
    for await (const payload of rest) {
      recordItem(record, payload.data);
      if (record.items >= take) return;
    }
    record.completed = true;
  } catch (error) {
    record.error = error instanceof HeadraceError ? error.code : String(error);
  }
}

/** Waits for the signal and rejects with its reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
