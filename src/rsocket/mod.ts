/**
 * headrace/rsocket/protocol: RSocket 1.0 without I/O. The connection as a machine, and its codec.
 *
 * @module
 */
export { type ConnectionOptions, RSocketConnection } from "./connection.ts";
export { decodeFrame } from "./decode.ts";
export { encodeFrame } from "./encode.ts";
export type { RSocketEvent } from "./event.ts";
export { ERROR_CODE, type Frame, FRAME_TYPE, type FrameType, type SetupFrame } from "./frame.ts";
export type { ConnectionState, Interaction } from "./lifecycle.ts";
export type { Mapping } from "./mapping.ts";
export type { SetupOptions } from "./setup.ts";
export type { Framing } from "./writer.ts";
