/**
 * Zipkin tracing metadata: whether a trace is recorded, and the ids of trace and span. It starts no trace and makes
 * no ids. RSocket extension "Distributed Tracing (Zipkin)".
 *
 * @module
 */
import { Builder } from "../../bytes/builder.ts";
import { Cursor } from "../../bytes/cursor.ts";
import type { Fault } from "../../bytes/fault.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import { UsageError } from "../../contract/errors.ts";

/** Whether the trace is recorded: "debug" overrides "sample", which overrides "not-sample". */
export type Sampling = "debug" | "sample" | "not-sample" | "undecided";

/** Tracing as it travels. Ids are lower-case hexadecimal, as Zipkin and B3 headers write them. */
export interface Tracing {
  /** Whether it is recorded. */
  readonly sampling: Sampling;
  /** Absent when only the decision travels. */
  readonly ids?: TracingIds;
}

/** The ids of a span. */
export interface TracingIds {
  /** 16 digits, or 32 for a 128-bit id. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
  /** 16 digits; absent on a root span. */
  readonly parentId?: string;
}

const IDS = 0x80;
const DEBUG = 0x40;
const SAMPLE = 0x20;
const NOT_SAMPLE = 0x10;
const LONG_TRACE_ID = 0x08;
const PARENT = 0x04;

/** The flag that each decision is sent with; where several came, the first of the list holds. */
const samplingFlags: readonly (readonly [Sampling, number])[] = [
  ["debug", DEBUG],
  ["sample", SAMPLE],
  ["not-sample", NOT_SAMPLE],
];

/**
 * Decodes tracing metadata, or gives a Fault: "truncated" or "trailing-bytes". Flags about ids mean nothing unless the
 * flag for ids is set.
 */
export function decodeTracing(bytes: Uint8Array): Tracing | Fault {
  const cursor = new Cursor(bytes);
  const flags = cursor.u8();
  const sampling = samplingFlags.find(([, flag]) => (flags & flag) !== 0)?.[0] ?? "undecided";
  const ids = (flags & IDS) === 0 ? {} : { ids: idsOf(cursor, flags) };
  if (cursor.failed) return { fault: "truncated", at: cursor.end };
  return cursor.left === 0 ? { sampling, ...ids } : { fault: "trailing-bytes", at: cursor.at };
}

function idsOf(cursor: Cursor, flags: number): TracingIds {
  const traceId = toHex(cursor.take((flags & LONG_TRACE_ID) === 0 ? 8 : 16));
  const spanId = toHex(cursor.take(8));
  return (flags & PARENT) === 0 ? { traceId, spanId } : { traceId, spanId, parentId: toHex(cursor.take(8)) };
}

/**
 * Encodes tracing metadata. Throws UsageError ("bad-argument") for an id that is not hexadecimal or has another length,
 * and for a decision that is none of the four.
 *
 * ```js
 * import { encodeTracing } from "headrace/rsocket/protocol";
 * encodeTracing({ sampling: "sample", ids: { traceId: "0102030405060708", spanId: "1112131415161718" } }); // 17 bytes
 * ```
 */
export function encodeTracing(tracing: Tracing): Uint8Array {
  const flag = flagOf(tracing.sampling);
  if (tracing.ids === undefined) return new Uint8Array([flag]);
  const { traceId, spanId, parentId } = tracing.ids;
  const long = traceId.length > 16 ? LONG_TRACE_ID : 0;
  const out = new Builder();
  out.u8(flag | IDS | long | (parentId === undefined ? 0 : PARENT));
  out.append(id("traceId", traceId, long === 0 ? 8 : 16)).append(id("spanId", spanId, 8));
  if (parentId !== undefined) out.append(id("parentId", parentId, 8));
  return out.build();
}

function flagOf(sampling: Sampling): number {
  const flag = sampling === "undecided" ? 0 : samplingFlags.find(([one]) => one === sampling)?.[1];
  if (flag !== undefined) return flag;
  const names = samplingFlags.map(([one]) => one).join(", ");
  throw new UsageError("bad-argument", `Cannot encode sampling ${sampling}: it is one of ${names}, undecided`);
}

function id(name: string, text: string, length: number): Uint8Array {
  const bytes = fromHex(text);
  if (bytes?.length === length) return bytes;
  const digits = name === "traceId" ? "16 or 32" : "16";
  throw new UsageError(
    "bad-argument",
    `Cannot encode ${name} ${JSON.stringify(text.slice(0, 60))}: it must be ${digits} hexadecimal digits`,
  );
}
