// The responder control script: what a request asks the responder to do, carried in the request itself. It does nothing.
import { RSocketError } from "../../src/front/rsocket.ts";
import {
  countAt,
  type JsonObject,
  listAt,
  objectOf,
  optionalCountAt,
  optionalTextAt,
  parseObject,
  ShapeError,
  textAt,
} from "./fields.ts";
import { fillPattern } from "./pattern.ts";

/** What a payload begins with when the rest of it is a script. */
export const scriptMark = "RCS1";

/** Bytes of an item: a text, or a pattern so that megabytes need not be written down. */
export type Content = string | { readonly fill: { readonly len: number; readonly seed: number } };

/** One thing to emit: an item, `numbers` items "0", "1", …, or a value of the handler that is no payload at all. */
export type Emission =
  | { readonly data?: Content; readonly meta?: Content }
  | { readonly numbers: number }
  | { readonly wrong: true };

/** The kinds of request. */
export type Kind = "fnf" | "response" | "stream" | "channel";

/** What comes after the emissions. */
export type Ending = "complete" | "never" | "echo" | {
  readonly error: { readonly code: string; readonly message: string };
};

/** A script as it is written; every field may be absent. */
export interface Script {
  /** What happens is recorded under this name. */
  readonly case?: string;
  readonly emit?: readonly Emission[];
  readonly end?: Ending;
  /** Channel: how many items of the requester are taken before its side is cancelled. */
  readonly take?: number;
  /** Serves the file of this name, `chunkBytes` an item. */
  readonly file?: string;
  readonly chunkBytes?: number;
  /** Answers the record of this case as JSON; with `until: "ended"` not before it has ended. */
  readonly report?: string;
  readonly until?: "ended";
  /** Makes this request of the requester and answers what came back as JSON. */
  readonly back?: { readonly kind: Kind; readonly script: Script };
}

/** The payload text of a script. */
export function scriptText(script: Script): string {
  return scriptMark + JSON.stringify(script);
}

/** The ERROR codes of RSocket 1.0 that a stream may end with, and one of the application's own. */
export const errorNumbers: ReadonlyMap<string, number> = new Map([
  ["application-error", 0x201],
  ["rejected", 0x202],
  ["canceled", 0x203],
  ["invalid", 0x204],
  ["application-code", 0x301],
]);

/**
 * The script of a request: in its metadata when that begins with the mark, else in its data. A request without one, or
 * with a wrong one, is answered ERROR[INVALID].
 */
export function scriptOf(data: Uint8Array, metadata: Uint8Array | undefined): Script {
  const text = marked(metadata) ?? marked(data);
  try {
    if (text === undefined) throw new ShapeError(`the request does not begin with ${scriptMark}`);
    return readScript(parseObject(text, "the script"));
  } catch (error) {
    if (error instanceof ShapeError) throw scriptError("invalid", error.message);
    throw error;
  }
}

/** The error a script asks for, which the library sends as ERROR with that code; an unknown code is an error of its own. */
export function scriptError(code: string, message: string): Error {
  const rsocketCode = errorNumbers.get(code);
  return rsocketCode === undefined ? new Error(message) : new RSocketError(rsocketCode, message);
}

/** The bytes that a content stands for. */
export function contentBytes(content: Content): Uint8Array {
  if (typeof content === "string") return new TextEncoder().encode(content);
  return fillPattern(new Uint8Array(content.fill.len), content.fill.seed);
}

const decoder = new TextDecoder();

function marked(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || decoder.decode(bytes.subarray(0, scriptMark.length)) !== scriptMark) return undefined;
  return decoder.decode(bytes.subarray(scriptMark.length));
}

function readScript(object: JsonObject): Script {
  const take = optionalCountAt(object, "take");
  const chunkBytes = optionalCountAt(object, "chunkBytes");
  return {
    ...texts(object, ["case", "file", "report"]),
    emit: listAt(object, "emit").map((one) => readEmission(objectOf(one, "an emission"))),
    end: readEnding(object["end"]),
    ...(take === undefined ? {} : { take }),
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
    ...(object["until"] === "ended" ? { until: "ended" } : {}),
    ...(object["back"] === undefined ? {} : { back: readBack(objectOf(object["back"], '"back"')) }),
  };
}

function texts(object: JsonObject, keys: readonly string[]): Record<string, string> {
  const found = keys.flatMap((key) => {
    const value = optionalTextAt(object, key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(found);
}

function readEmission(object: JsonObject): Emission {
  if (object["wrong"] === true) return { wrong: true };
  if (object["numbers"] !== undefined) return { numbers: countAt(object, "numbers") };
  return {
    ...(object["data"] === undefined ? {} : { data: readContent(object["data"]) }),
    ...(object["meta"] === undefined ? {} : { meta: readContent(object["meta"]) }),
  };
}

function readContent(value: unknown): Content {
  if (typeof value === "string") return value;
  const fill = objectOf(objectOf(value, "a content")["fill"], '"fill"');
  return { fill: { len: countAt(fill, "len"), seed: countAt(fill, "seed") } };
}

function readEnding(value: unknown): Ending {
  if (value === undefined) return "complete";
  if (value === "complete" || value === "never" || value === "echo") return value;
  const error = objectOf(objectOf(value, '"end"')["error"], '"error"');
  return { error: { code: textAt(error, "code"), message: textAt(error, "message") } };
}

function readBack(back: JsonObject): { kind: Kind; script: Script } {
  const kind = textAt(back, "kind");
  if (kind !== "fnf" && kind !== "response" && kind !== "stream" && kind !== "channel") {
    throw new ShapeError('"kind" is none');
  }
  return { kind, script: readScript(objectOf(back["script"], '"script"')) };
}
