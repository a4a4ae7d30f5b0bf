/**
 * Every bound on what a peer can make this side hold, wait for or do, with its default. Data only.
 *
 * @module
 */

/**
 * The limits of one connection, and of one server where that is said. All sizes are bytes, all times milliseconds. Each is checked when it is crossed, never
 * by trusting a declared length.
 */
export interface Limits {
  /** Largest frame accepted, without its length prefix. RSocket's own ceiling is 16,777,215. Over it: CONNECTION_ERROR, close. */
  readonly maxFrameBytes: number;
  /** Largest payload (metadata plus data) after reassembly. Over it: the stream ends with INVALID, or CANCEL from a requester. */
  readonly maxPayloadBytes: number;
  /** Most fragments of one payload; a 32nd of `maxPayloadBytes` where only that is given. Over it: as `maxPayloadBytes`. */
  readonly maxFragmentsPerPayload: number;
  /** Non-final fragments that carry fewer bytes than this are tiny. */
  readonly tinyFragmentBytes: number;
  /** Most tiny fragments of one payload. Over it: as `maxPayloadBytes`. */
  readonly maxTinyFragments: number;
  /** Longest wait for the next fragment of a payload. Over it: as `maxPayloadBytes`. */
  readonly reassemblyIdleMs: number;
  /** Most bytes held by all unfinished payloads of one connection. Over it: as `maxPayloadBytes`, for the stream that crossed it. */
  readonly maxReassemblyBytes: number;
  /** Most streams of one connection that the peer may break the rules on. Over it: CONNECTION_ERROR, close. */
  readonly maxBreaches: number;
  /** Most streams the peer may have open at once; a stream counts until its handler has ended. Over it: ERROR[REJECTED]. */
  readonly maxConcurrentStreams: number;
  /** How long a server waits for the first frame, and for `onSetup`. Over it: close. */
  readonly setupTimeoutMs: number;
  /** Largest first frame (SETUP or RESUME). Over it: INVALID_SETUP, close. */
  readonly maxSetupBytes: number;
  /** Most clients of one server that wait to be accepted. Over it: the newest is closed. */
  readonly maxPendingSetups: number;
  /** Most of them from one address. Over it: the newest is closed. */
  readonly maxPendingSetupsPerAddress: number;
  /** Shortest keepalive interval a client may announce. Under it: UNSUPPORTED_SETUP, close. */
  readonly minKeepaliveMs: number;
  /** Shortest lifetime a server goes by, 100 at least; a client's shorter one counts as this. */
  readonly minLifetimeMs: number;
  /** Longest lifetime a server goes by; a client's longer one counts as this. */
  readonly maxLifetimeMs: number;
  /** Largest data of a KEEPALIVE that is echoed. Over it: CONNECTION_ERROR, close. */
  readonly maxKeepaliveBytes: number;
  /** Bytes waiting for the link from which on producers are told to wait. A link may say so earlier. */
  readonly sendHighWaterBytes: number;
  /** Most bytes waiting for the link, besides one payload. Over it: `slow-consumer`, close; own requests are refused. */
  readonly maxSendBytes: number;
  /** Longest time in which a full link takes nothing. Over it: `slow-consumer`, close. */
  readonly writeStallMs: number;
  /** Most handlers of fire-and-forget that run at once. Over it: the request is dropped and counted. */
  readonly maxFireAndForget: number;
  /** Most handlers of METADATA_PUSH that run at once. Over it: the push is dropped and counted. */
  readonly maxMetadataPushes: number;
  /** Largest METADATA_PUSH that is handled. Over it: it is dropped and counted. */
  readonly maxMetadataPushBytes: number;
  /** Most bytes of an ERROR's text that are kept. The rest is cut. */
  readonly maxErrorBytes: number;
}

/** The defaults, chosen so that no peer that keeps to the specification meets them. */
export const DEFAULT_LIMITS: Limits = {
  maxFrameBytes: 16_777_215,
  maxPayloadBytes: 16_777_216,
  maxFragmentsPerPayload: 524_288,
  tinyFragmentBytes: 16,
  maxTinyFragments: 128,
  reassemblyIdleMs: 30_000,
  maxReassemblyBytes: 67_108_864,
  maxBreaches: 16,
  maxConcurrentStreams: 1_024,
  setupTimeoutMs: 5_000,
  maxSetupBytes: 65_536,
  maxPendingSetups: 1_024,
  maxPendingSetupsPerAddress: 64,
  minKeepaliveMs: 100,
  minLifetimeMs: 1_000,
  maxLifetimeMs: 86_400_000,
  maxKeepaliveBytes: 4_096,
  sendHighWaterBytes: 262_144,
  maxSendBytes: 8_388_608,
  writeStallMs: 10_000,
  maxFireAndForget: 1_024,
  maxMetadataPushes: 64,
  maxMetadataPushBytes: 65_536,
  maxErrorBytes: 1_024,
};
