// The messages of the process protocol: their types, and small checks for lines of either side. It never runs anything.
import type { TlsOptions } from "../../src/contract/link.ts";
import {
  countAt,
  countsAt,
  type JsonObject,
  objectAt,
  objectOf,
  optionalCountAt,
  optionalTextAt,
  parseObject,
  ShapeError,
  textAt,
  textsAt,
} from "./fields.ts";

/** The version every message carries as `v`. */
export const protocolVersion = 1;

/** What an orchestrator asks. One JSON object a line, with `v` and `id` around it. */
export type Request =
  | { readonly op: "hello" }
  | {
    readonly op: "listen";
    /** Scheme, host and port; port 0 lets the host choose. */
    readonly url: string;
    /** Name -> path of the files that may be asked for. */
    readonly files: ReadonlyMap<string, string>;
    readonly fragmentBytes?: number;
    /** PEM texts. */
    readonly tls?: TlsOptions;
  }
  | {
    readonly op: "run";
    readonly case: string;
    readonly url: string;
    readonly params: JsonObject;
    readonly deadlineMs: number;
    readonly fragmentBytes?: number;
    /** PEM texts. */
    readonly tls?: TlsOptions;
  }
  | { readonly op: "probe"; readonly feature: string }
  | { readonly op: "stats" | "gc" | "bye" }
  | {
    readonly op: "waitFor";
    /** Answered as soon as every named figure of `stats` is at least, and at most, what these say. */
    readonly min: ReadonlyMap<string, number>;
    readonly max: ReadonlyMap<string, number>;
    readonly deadlineMs: number;
  }
  | { readonly op: "unlisten"; readonly listener: string }
  /** Anything else, answered with `unsupported`. */
  | { readonly op: "unknown"; readonly name: string };

/** A line that was understood. */
export interface Call {
  readonly id: number;
  readonly request: Request;
}

/** A line that was not; `id` where there was one. */
export interface BadLine {
  readonly id: number | null;
  readonly problem: string;
}

/** What the agent says of something it does not have. */
export interface Unsupported {
  readonly feature: string;
  readonly reason?: string;
}

/** What went wrong. `code` is a library error's own. */
export interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** One answer; exactly one of the three. */
export type Answer =
  | { readonly ok: JsonObject }
  | { readonly unsupported: Unsupported }
  | { readonly error: Failure };

/** Everything an agent writes. */
export type AgentMessage =
  | ({ readonly v: 1; readonly id: number | null } & Answer)
  | { readonly v: 1; readonly ev: "progress"; readonly id: number; readonly bytes: number }
  | { readonly v: 1; readonly ev: "fatal"; readonly kind: string; readonly message: string };

/** What `stats`, `gc`, `waitFor` and `bye` answer. All figures are counts or bytes. */
export interface Stats {
  readonly openConnections: number;
  readonly openStreams: number;
  readonly timers: number;
  readonly listeners: number;
  /** Items that streams of the case `hold` received so far. */
  readonly heldItems: number;
  readonly rss: number;
  readonly heap: number;
  /** Internet sockets the operating system counts for the process; absent where it does not tell. */
  readonly sockets?: number;
}

/** What `hello` answers. */
export interface Hello {
  readonly impl: string;
  readonly version: string;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly os: string;
  readonly roles: readonly string[];
  readonly features: readonly string[];
}

const defaultDeadlineMs = 30_000;

/** Reads one line of an orchestrator. Never throws. */
export function parseCall(line: string): Call | BadLine {
  let id: number | null = null;
  try {
    const message = parseObject(line, "the line");
    if (typeof message["id"] === "number") id = countAt(message, "id");
    if (message["v"] !== protocolVersion) throw new ShapeError(`"v" is not ${protocolVersion}`);
    return { id: countAt(message, "id"), request: requestOf(message) };
  } catch (error) {
    if (error instanceof ShapeError) return { id, problem: error.message };
    throw error;
  }
}

function requestOf(message: JsonObject): Request {
  const op = textAt(message, "op");
  switch (op) {
    case "hello":
    case "stats":
    case "gc":
    case "bye":
      return { op };
    case "listen":
      return { op, url: textAt(message, "url"), files: textsAt(message, "files"), ...connectionOptions(message) };
    case "run":
      return {
        op,
        case: textAt(message, "case"),
        url: textAt(message, "url"),
        params: objectAt(message, "params"),
        deadlineMs: optionalCountAt(message, "deadlineMs") ?? defaultDeadlineMs,
        ...connectionOptions(message),
      };
    case "probe":
      return { op, feature: textAt(message, "feature") };
    case "waitFor":
      return {
        op,
        min: countsAt(message, "min"),
        max: countsAt(message, "max"),
        deadlineMs: optionalCountAt(message, "deadlineMs") ?? defaultDeadlineMs,
      };
    case "unlisten":
      return { op, listener: textAt(message, "listener") };
    default:
      return { op: "unknown", name: op };
  }
}

function connectionOptions(message: JsonObject): { fragmentBytes?: number; tls?: TlsOptions } {
  const fragmentBytes = optionalCountAt(message, "fragmentBytes");
  return {
    ...(fragmentBytes === undefined ? {} : { fragmentBytes }),
    ...(message["tls"] === undefined ? {} : { tls: tlsOf(objectAt(message, "tls")) }),
  };
}

const tlsTexts = ["ca", "cert", "key", "serverName"] as const;

function tlsOf(material: JsonObject): TlsOptions {
  const texts = tlsTexts.map((name) => [name, optionalTextAt(material, name)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
}

/** Reads one line of an agent. Throws a ShapeError when it is none: an agent writes nothing else. */
export function parseAgentMessage(line: string): AgentMessage {
  const message = parseObject(line, "the agent's line");
  if (message["v"] !== protocolVersion) throw new ShapeError(`"v" is not ${protocolVersion}`);
  if (message["ev"] === "progress") {
    return { v: 1, ev: "progress", id: countAt(message, "id"), bytes: countAt(message, "bytes") };
  }
  if (message["ev"] === "fatal") {
    return { v: 1, ev: "fatal", kind: textAt(message, "kind"), message: textAt(message, "message") };
  }
  return { v: 1, id: message["id"] === null ? null : countAt(message, "id"), ...answerOf(message) };
}

function answerOf(message: JsonObject): Answer {
  if (message["ok"] !== undefined) return { ok: objectOf(message["ok"], '"ok"') };
  if (message["unsupported"] !== undefined) {
    const unsupported = objectOf(message["unsupported"], '"unsupported"');
    const reason = optionalTextAt(unsupported, "reason");
    const feature = textAt(unsupported, "feature");
    return { unsupported: reason === undefined ? { feature } : { feature, reason } };
  }
  const error = objectOf(message["error"], '"error"');
  const code = optionalTextAt(error, "code");
  const stack = optionalTextAt(error, "stack");
  return {
    error: {
      message: textAt(error, "message"),
      ...(code === undefined ? {} : { code }),
      ...(stack === undefined ? {} : { stack }),
    },
  };
}
