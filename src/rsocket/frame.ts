/**
 * RSocket frames as nouns: types, flags, error codes and field names. No bytes are read or written here.
 * RSocket 1.0, "Frame Types".
 *
 * @module
 */

/** The wire number of each frame type. */
export const FRAME_TYPE = {
  SETUP: 0x01,
  LEASE: 0x02,
  KEEPALIVE: 0x03,
  REQUEST_RESPONSE: 0x04,
  REQUEST_FNF: 0x05,
  REQUEST_STREAM: 0x06,
  REQUEST_CHANNEL: 0x07,
  REQUEST_N: 0x08,
  CANCEL: 0x09,
  PAYLOAD: 0x0a,
  ERROR: 0x0b,
  METADATA_PUSH: 0x0c,
  RESUME: 0x0d,
  RESUME_OK: 0x0e,
  EXT: 0x3f,
} as const;

/** The name of a frame type. */
export type FrameType = keyof typeof FRAME_TYPE;

/** The ten flag bits. Some bits mean another thing on another frame. */
export const FLAG = {
  /** Ignore: the frame may be skipped by who does not know it. */
  IGNORE: 0x200,
  /** Metadata is present. */
  METADATA: 0x100,
  /** More fragments follow. */
  FOLLOWS: 0x80,
  /** SETUP: resume is wanted and a token is present. */
  RESUME: 0x80,
  /** KEEPALIVE: answer it. */
  RESPOND: 0x80,
  /** The stream is complete in this direction. */
  COMPLETE: 0x40,
  /** SETUP: leases are honoured. */
  LEASE: 0x40,
  /** The frame holds an item. */
  NEXT: 0x20,
} as const;

/** Error codes. RSocket 1.0, "Error Codes". 0x301 to 0xFFFFFFFE are the application's own. */
export const ERROR_CODE = {
  INVALID_SETUP: 0x001,
  UNSUPPORTED_SETUP: 0x002,
  REJECTED_SETUP: 0x003,
  REJECTED_RESUME: 0x004,
  CONNECTION_ERROR: 0x101,
  CONNECTION_CLOSE: 0x102,
  APPLICATION_ERROR: 0x201,
  REJECTED: 0x202,
  CANCELED: 0x203,
  INVALID: 0x204,
} as const;

/** The largest frame without its length prefix: 24 bits. */
export const MAX_FRAME_BYTES = 0xff_ffff;
/** The largest stream id, request n, keepalive interval and lease: 31 bits. */
export const MAX_31_BIT = 0x7fff_ffff;
/** Bytes of the header that every frame begins with: stream id, type and flags. */
export const HEADER_BYTES = 6;

interface FrameBase {
  /** 0 for the connection itself. 31 bits. */
  readonly streamId: number;
  /** The I flag. Absent means clear, but on EXT absent means set, because nobody knows every extension. */
  readonly ignore?: boolean;
}

interface WithPayload extends FrameBase {
  /** Absent is not the same as empty: the M flag tells. */
  readonly metadata?: Uint8Array;
  /** The data, perhaps empty. */
  readonly data: Uint8Array;
}

/** "SETUP Frame". Times are milliseconds. */
export interface SetupFrame extends WithPayload {
  /** The type of frame. */
  readonly type: "SETUP";
  /** The version's first number. */
  readonly major: number;
  /** The version's second number. */
  readonly minor: number;
  /** How often the client asks for a sign of life. */
  readonly keepaliveMs: number;
  /** The silence after which the connection counts as lost. */
  readonly lifetimeMs: number;
  /** The client honours leases. */
  readonly lease: boolean;
  /** Present when resume is wanted. At most 65,535 bytes. */
  readonly resumeToken?: Uint8Array;
  /** At most 255 bytes of ASCII. */
  readonly metadataMimeType: string;
  /** At most 255 bytes of ASCII. */
  readonly dataMimeType: string;
}

/** "LEASE Frame". */
export interface LeaseFrame extends FrameBase {
  readonly type: "LEASE";
  readonly ttlMs: number;
  readonly requests: number;
  readonly metadata?: Uint8Array;
}

/** "KEEPALIVE Frame". The position has 63 bits. */
export interface KeepaliveFrame extends FrameBase {
  readonly type: "KEEPALIVE";
  readonly respond: boolean;
  readonly position: bigint;
  readonly data: Uint8Array;
}

/** "REQUEST_RESPONSE Frame" and "REQUEST_FNF (Fire-n-Forget) Frame". */
export interface RequestFrame extends WithPayload {
  readonly type: "REQUEST_RESPONSE" | "REQUEST_FNF";
  readonly follows: boolean;
}

/** "REQUEST_STREAM Frame". */
export interface RequestStreamFrame extends WithPayload {
  readonly type: "REQUEST_STREAM";
  readonly follows: boolean;
  readonly requestN: number;
}

/** "REQUEST_CHANNEL Frame". */
export interface RequestChannelFrame extends WithPayload {
  readonly type: "REQUEST_CHANNEL";
  readonly follows: boolean;
  readonly complete: boolean;
  readonly requestN: number;
}

/** "REQUEST_N Frame". */
export interface RequestNFrame extends FrameBase {
  readonly type: "REQUEST_N";
  readonly requestN: number;
}

/** "CANCEL Frame". */
export interface CancelFrame extends FrameBase {
  readonly type: "CANCEL";
}

/** "PAYLOAD Frame". */
export interface PayloadFrame extends WithPayload {
  readonly type: "PAYLOAD";
  readonly follows: boolean;
  readonly complete: boolean;
  readonly next: boolean;
}

/** "ERROR Frame". The code is an unsigned 32-bit number, the data is UTF-8 text. */
export interface ErrorFrame extends FrameBase {
  readonly type: "ERROR";
  readonly code: number;
  readonly data: Uint8Array;
}

/** "METADATA_PUSH Frame". */
export interface MetadataPushFrame extends FrameBase {
  readonly type: "METADATA_PUSH";
  readonly metadata: Uint8Array;
}

/** "RESUME Frame". Positions have 63 bits. */
export interface ResumeFrame extends FrameBase {
  readonly type: "RESUME";
  readonly major: number;
  readonly minor: number;
  readonly resumeToken: Uint8Array;
  readonly lastServerPosition: bigint;
  readonly firstClientPosition: bigint;
}

/** "RESUME_OK Frame". */
export interface ResumeOkFrame extends FrameBase {
  readonly type: "RESUME_OK";
  readonly position: bigint;
}

/** "EXT (Extension) Frame". */
export interface ExtFrame extends WithPayload {
  readonly type: "EXT";
  /** 31 bits, above 0. */
  readonly extendedType: number;
}

/** Any frame, decoded. */
export type Frame =
  | SetupFrame
  | LeaseFrame
  | KeepaliveFrame
  | RequestFrame
  | RequestStreamFrame
  | RequestChannelFrame
  | RequestNFrame
  | CancelFrame
  | PayloadFrame
  | ErrorFrame
  | MetadataPushFrame
  | ResumeFrame
  | ResumeOkFrame
  | ExtFrame;
