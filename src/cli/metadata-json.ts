// Metadata as JSON, both ways: {"type", "fields"} in the form of the golden vectors. A well-known id without a name is
// {"id": n} wherever a MIME type or an authentication type stands. It codes no bytes itself.
import { type Fault, isFault } from "../bytes/fault.ts";
import { UsageError } from "../contract/errors.ts";
import { decodeAuthentication, encodeAuthentication } from "../rsocket/metadata/authentication.ts";
import { decodeComposite, encodeComposite } from "../rsocket/metadata/composite.ts";
import type { MimeType } from "../rsocket/metadata/label.ts";
import {
  decodeAcceptMimeTypes,
  decodeMimeType,
  encodeAcceptMimeTypes,
  encodeMimeType,
} from "../rsocket/metadata/mime-type.ts";
import { decodeRouting, encodeRouting } from "../rsocket/metadata/routing.ts";
import { decodeTracing, encodeTracing, type Sampling } from "../rsocket/metadata/tracing.ts";
import type { ExactJson } from "./exact-json.ts";
import { FieldReader } from "./field-reader.ts";
import { hexOf, parseHexText } from "./hex-line.ts";

/** What a piece of metadata can be decoded as. AUTH gives AUTH_SIMPLE, AUTH_BEARER or AUTH_CUSTOM. */
export type MetadataKind = "ROUTING" | "AUTH" | "MIME_TYPE" | "ACCEPT_MIMES" | "COMPOSITE" | "ZIPKIN";

/** Metadata as JSON. */
export interface MetadataJson {
  readonly type: string;
  readonly fields: { readonly [name: string]: ExactJson };
}

/** Decodes metadata of a kind, or gives the Fault of its codec. */
export function metadataToJson(kind: MetadataKind, bytes: Uint8Array): MetadataJson | Fault {
  return decoders[kind](bytes);
}

/** Encodes metadata. Throws UsageError ("bad-argument") for what is not metadata in this form. */
export function metadataFromJson(value: unknown): Uint8Array {
  const outer = new FieldReader("The line", value);
  const type = outer.text("type");
  const encode = encoders.get(type);
  if (encode === undefined) {
    const known = [...encoders.keys()].join(", ");
    throw new UsageError("bad-argument", `Unknown type ${JSON.stringify(type.slice(0, 60))}; it is one of ${known}`);
  }
  const fields = new FieldReader("fields", outer.object("fields"));
  const bytes = encode(fields);
  fields.end();
  return bytes;
}

const decoders: { readonly [K in MetadataKind]: (bytes: Uint8Array) => MetadataJson | Fault } = {
  ROUTING: (bytes) => orFault(decodeRouting(bytes), (tags) => ({ type: "ROUTING", fields: { tags } })),
  AUTH: authentication,
  MIME_TYPE: (bytes) =>
    orFault(decodeMimeType(bytes), (one) => ({ type: "MIME_TYPE", fields: { mimes: [name(one)] } })),
  ACCEPT_MIMES: (bytes) =>
    orFault(decodeAcceptMimeTypes(bytes), (all) => ({ type: "ACCEPT_MIMES", fields: { mimes: all.map(name) } })),
  COMPOSITE: (bytes) =>
    orFault(decodeComposite(bytes), (all) => ({
      type: "COMPOSITE",
      fields: { entries: all.map(({ mimeType, content }) => [name(mimeType), hexOf(content)]) },
    })),
  ZIPKIN: zipkin,
};

const encoders: ReadonlyMap<string, (fields: FieldReader) => Uint8Array> = new Map([
  ["ROUTING", (fields) => encodeRouting(fields.list("tags").map((tag) => textOf("fields.tags", tag)))],
  [
    "AUTH_SIMPLE",
    (fields) =>
      encodeAuthentication({ type: "simple", username: fields.text("username"), password: fields.text("password") }),
  ],
  ["AUTH_BEARER", (fields) => encodeAuthentication({ type: "bearer", token: fields.text("token") })],
  ["AUTH_CUSTOM", (fields) =>
    encodeAuthentication({
      type: "custom",
      authType: nameOf("fields.auth_type", fields.any("auth_type")),
      payload: fields.bytes("payload"),
    })],
  ["MIME_TYPE", (fields) => encodeMimeType(single(mimesOf(fields)))],
  ["ACCEPT_MIMES", (fields) => encodeAcceptMimeTypes(mimesOf(fields))],
  ["COMPOSITE", (fields) => encodeComposite(fields.list("entries").map(entryOf))],
  ["ZIPKIN", encodeZipkin],
]);

function authentication(bytes: Uint8Array): MetadataJson | Fault {
  return orFault(decodeAuthentication(bytes), (one): MetadataJson => {
    if (one.type === "simple") {
      return { type: "AUTH_SIMPLE", fields: { username: one.username, password: one.password } };
    }
    if (one.type === "bearer") return { type: "AUTH_BEARER", fields: { token: one.token } };
    return { type: "AUTH_CUSTOM", fields: { auth_type: name(one.authType), payload: hexOf(one.payload) } };
  });
}

function zipkin(bytes: Uint8Array): MetadataJson | Fault {
  return orFault(decodeTracing(bytes), ({ sampling, ids }) => ({
    type: "ZIPKIN",
    fields: {
      ...(ids === undefined ? {} : { trace: ids.traceId, span: ids.spanId }),
      ...(ids?.parentId === undefined ? {} : { parent: ids.parentId }),
      flag: sampling.toUpperCase().replace("-", "_"),
    },
  }));
}

function encodeZipkin(fields: FieldReader): Uint8Array {
  const sampling = fields.text("flag").toLowerCase().replace("_", "-") as Sampling;
  const parent = fields.has("parent") ? { parentId: fields.text("parent") } : {};
  if (!fields.has("trace") && !fields.has("span") && parent.parentId === undefined) return encodeTracing({ sampling });
  return encodeTracing({ sampling, ids: { traceId: fields.text("trace"), spanId: fields.text("span"), ...parent } });
}

function orFault<T extends object | string>(value: T | Fault, then: (value: T) => MetadataJson): MetadataJson | Fault {
  return isFault(value) ? value : then(value);
}

function name(one: MimeType): ExactJson {
  return typeof one === "string" ? one : { id: one.id };
}

function nameOf(what: string, value: unknown): MimeType {
  if (typeof value === "string") return value;
  const reader = new FieldReader(`${what}, where it is not a string,`, value);
  const id = reader.number("id");
  reader.end();
  return { id };
}

function mimesOf(fields: FieldReader): MimeType[] {
  return fields.list("mimes").map((one) => nameOf("fields.mimes", one));
}

function single(mimes: readonly MimeType[]): MimeType {
  const [only, ...more] = mimes;
  if (only !== undefined && more.length === 0) return only;
  throw new UsageError("bad-argument", "fields.mimes must hold exactly one MIME type");
}

function entryOf(entry: unknown): { mimeType: MimeType; content: Uint8Array } {
  if (!Array.isArray(entry) || entry.length !== 2) {
    throw new UsageError("bad-argument", "fields.entries must hold pairs of a MIME type and hexadecimal content");
  }
  const [mimeType, content] = entry as [unknown, unknown];
  return {
    mimeType: nameOf("fields.entries", mimeType),
    content: parseHexText("fields.entries", textOf("fields.entries", content)),
  };
}

function textOf(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new UsageError("bad-argument", `${what} must hold strings`);
}
