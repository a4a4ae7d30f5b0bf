/**
 * headrace/rsocket/protocol: RSocket 1.0 without I/O. The connection as a machine, and its codec.
 *
 * @module
 */
export { type ConnectionOptions, RSocketConnection } from "./connection.ts";
export { type Fault, isFault } from "../bytes/fault.ts";
export { decodeFrame } from "./decode.ts";
export { encodeFrame } from "./encode.ts";
export type { RSocketEvent } from "./event.ts";
export { ERROR_CODE, type Frame, FRAME_TYPE, type FrameType, type SetupFrame } from "./frame.ts";
export type { ConnectionState, Interaction } from "./lifecycle.ts";
export { type Authentication, decodeAuthentication, encodeAuthentication } from "./metadata/authentication.ts";
export {
  compositeEntries,
  type CompositeEntry,
  decodeComposite,
  encodeComposite,
  findInComposite,
} from "./metadata/composite.ts";
export type { MimeType, UnknownId } from "./metadata/label.ts";
export { decodeAcceptMimeTypes, decodeMimeType, encodeAcceptMimeTypes, encodeMimeType } from "./metadata/mime-type.ts";
export { decodeRouting, encodeRouting } from "./metadata/routing.ts";
export { decodeTracing, encodeTracing, type Sampling, type Tracing, type TracingIds } from "./metadata/tracing.ts";
export { METADATA_MIME_TYPE, WELL_KNOWN_MIME_TYPES, wellKnownMimeId } from "./metadata/well-known-mime-types.ts";
export type { Mapping } from "./mapping.ts";
export type { SetupOptions } from "./setup.ts";
export type { Framing } from "./writer.ts";
