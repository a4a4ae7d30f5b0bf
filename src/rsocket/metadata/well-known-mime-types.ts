/**
 * The MIME types that have a number, both ways. Data only: it never reads or writes bytes.
 * RSocket extension "Well-known MIME Types".
 *
 * @module
 */

/** Every well-known id (0 to 0x7F) with its name. Ids from 0x2B to 0x79 are not given yet. */
export const WELL_KNOWN_MIME_TYPES: ReadonlyMap<number, string> = new Map([
  [0x00, "application/avro"],
  [0x01, "application/cbor"],
  [0x02, "application/graphql"],
  [0x03, "application/gzip"],
  [0x04, "application/javascript"],
  [0x05, "application/json"],
  [0x06, "application/octet-stream"],
  [0x07, "application/pdf"],
  [0x08, "application/vnd.apache.thrift.binary"],
  [0x09, "application/vnd.google.protobuf"],
  [0x0a, "application/xml"],
  [0x0b, "application/zip"],
  [0x0c, "audio/aac"],
  [0x0d, "audio/mp3"],
  [0x0e, "audio/mp4"],
  [0x0f, "audio/mpeg3"],
  [0x10, "audio/mpeg"],
  [0x11, "audio/ogg"],
  [0x12, "audio/opus"],
  [0x13, "audio/vorbis"],
  [0x14, "image/bmp"],
  [0x15, "image/gif"],
  [0x16, "image/heic-sequence"],
  [0x17, "image/heic"],
  [0x18, "image/heif-sequence"],
  [0x19, "image/heif"],
  [0x1a, "image/jpeg"],
  [0x1b, "image/png"],
  [0x1c, "image/tiff"],
  [0x1d, "multipart/mixed"],
  [0x1e, "text/css"],
  [0x1f, "text/csv"],
  [0x20, "text/html"],
  [0x21, "text/plain"],
  [0x22, "text/xml"],
  [0x23, "video/H264"],
  [0x24, "video/H265"],
  [0x25, "video/VP8"],
  [0x26, "application/x-hessian"],
  [0x27, "application/x-java-object"],
  [0x28, "application/cloudevents+json"],
  [0x29, "application/x-capnp"],
  [0x2a, "application/x-flatbuffers"],
  [0x7a, "message/x.rsocket.mime-type.v0"],
  [0x7b, "message/x.rsocket.accept-mime-types.v0"],
  [0x7c, "message/x.rsocket.authentication.v0"],
  [0x7d, "message/x.rsocket.tracing-zipkin.v0"],
  [0x7e, "message/x.rsocket.routing.v0"],
  [0x7f, "message/x.rsocket.composite-metadata.v0"],
]);

/** The MIME types of RSocket's own extensions, by what they carry. */
export const METADATA_MIME_TYPE = {
  mimeType: "message/x.rsocket.mime-type.v0",
  acceptMimeTypes: "message/x.rsocket.accept-mime-types.v0",
  authentication: "message/x.rsocket.authentication.v0",
  tracing: "message/x.rsocket.tracing-zipkin.v0",
  routing: "message/x.rsocket.routing.v0",
  composite: "message/x.rsocket.composite-metadata.v0",
} as const;

const ids: ReadonlyMap<string, number> = new Map([...WELL_KNOWN_MIME_TYPES].map(([id, name]) => [name, id]));

/**
 * The id of a MIME type, or undefined when it has none. Names are compared exactly.
 *
 * ```js
 * import { wellKnownMimeId } from "headrace/rsocket/protocol";
 * wellKnownMimeId("application/json"); // 5
 * ```
 */
export function wellKnownMimeId(name: string): number | undefined {
  return ids.get(name);
}
