/**
 * The transport parameters of a QUIC endpoint as plain numbers, with their units in the names and their defaults.
 * Data only; it never talks to an engine.
 *
 * @module
 */

/** What an endpoint tells its peer about itself, and how much it holds. RFC 9000, 18.2. */
export interface QuicParameters {
  /** Silence after which the connection is given up; 0 = never. The smaller of both sides counts. */
  readonly maxIdleTimeoutMs: number;
  /** Largest UDP payload accepted. */
  readonly maxReceivePacketBytes: number;
  /** Largest UDP payload sent. 1,200 passes everywhere, 1,350 nearly everywhere; loopback takes 16,000 and more. */
  readonly maxSendPacketBytes: number;
  /** Unread bytes of all streams together, at first and at most. */
  readonly connectionWindowBytes: number;
  readonly maxConnectionWindowBytes: number;
  /** Unread bytes of one stream, at first and at most. */
  readonly streamWindowBytes: number;
  readonly maxStreamWindowBytes: number;
  /** Streams the peer may have open at once. */
  readonly maxBidirectionalStreams: number;
  readonly maxUnidirectionalStreams: number;
  /** How long an acknowledgement may be held back. */
  readonly maxAckDelayMs: number;
  /** Datagrams (RFC 9221) that wait in each direction; more are dropped. 0 = no datagrams at all. */
  readonly datagramQueueCount: number;
}

/** Defaults for peers that are not trusted: what they can make this side hold is bounded by the windows and counts. */
export const DEFAULT_PARAMETERS: QuicParameters = {
  maxIdleTimeoutMs: 30_000,
  maxReceivePacketBytes: 65_527,
  maxSendPacketBytes: 1_350,
  connectionWindowBytes: 1_048_576,
  maxConnectionWindowBytes: 16_777_216,
  streamWindowBytes: 262_144,
  maxStreamWindowBytes: 8_388_608,
  maxBidirectionalStreams: 128,
  maxUnidirectionalStreams: 16,
  maxAckDelayMs: 25,
  datagramQueueCount: 128,
};
