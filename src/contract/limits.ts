/**
 * Every bound on what a peer can make this side hold, wait for or do, with its default. Data only.
 *
 * @module
 */

/**
 * The limits of one connection. All sizes are bytes, all times milliseconds. Each is checked when it is crossed, never
 * by trusting a declared length.
 */
export interface Limits {
  /** Largest frame accepted, without its length prefix. RSocket's own ceiling is 16,777,215. Over it: CONNECTION_ERROR, close. */
  readonly maxFrameBytes: number;
  /** Largest payload (metadata plus data) after reassembly. Over it: the stream ends with INVALID, or CANCEL from a requester. */
  readonly maxPayloadBytes: number;
  /** Most fragments of one payload. Over it: as `maxPayloadBytes`. */
  readonly maxFragmentsPerPayload: number;
  /** Most bytes held by all unfinished payloads of one connection. Over it: as `maxPayloadBytes`, for the stream that crossed it. */
  readonly maxReassemblyBytes: number;
  /** Most streams the peer may have open at once; a stream counts until its handler has ended. Over it: ERROR[REJECTED]. */
  readonly maxConcurrentStreams: number;
  /** How long a server waits for the first frame, and for `onSetup`. Over it: close. */
  readonly setupTimeoutMs: number;
  /** Largest first frame (SETUP or RESUME). Over it: INVALID_SETUP, close. */
  readonly maxSetupBytes: number;
  /** Largest data of a KEEPALIVE that is echoed. Over it: CONNECTION_ERROR, close. */
  readonly maxKeepaliveBytes: number;
  /** Bytes waiting for the link above which producers are told to wait. */
  readonly sendHighWaterBytes: number;
  /** Most bytes of an ERROR's text that are kept. The rest is cut. */
  readonly maxErrorBytes: number;
}

/** The defaults, chosen so that no peer that keeps to the specification meets them. */
export const DEFAULT_LIMITS: Limits = {
  maxFrameBytes: 16_777_215,
  maxPayloadBytes: 16_777_216,
  maxFragmentsPerPayload: 524_288,
  maxReassemblyBytes: 67_108_864,
  maxConcurrentStreams: 1_024,
  setupTimeoutMs: 5_000,
  maxSetupBytes: 65_536,
  maxKeepaliveBytes: 4_096,
  sendHighWaterBytes: 262_144,
  maxErrorBytes: 1_024,
};
