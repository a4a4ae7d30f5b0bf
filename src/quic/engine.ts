/**
 * The engine contract: what a sans-IO QUIC implementation has to offer to be driven by `QuicConnection`.
 * Types only. It never names a host, a socket or a package, and no call on a connection throws.
 *
 * Time is an argument everywhere, because a good engine takes it; one that reads a clock of its own says so.
 *
 * @module
 */
import type { QuicParameters } from "./parameters.ts";

/** One QUIC implementation. */
export interface QuicEngine {
  readonly name: string;
  readonly version: string;
  /** True when it ignores `nowMs` and reads a clock of its own: virtual time cannot drive it. */
  readonly readsClock: boolean;
  /** Reads the TLS material once, for many connections. Throws a UsageError when it cannot be used. */
  configure(config: QuicConfig): QuicEndpoint;
}

/** What all connections of one endpoint have in common. */
export interface QuicConfig {
  readonly tls: QuicTls;
  /** The protocols offered or accepted, the most wanted first. */
  readonly alpn: readonly string[];
  readonly parameters: QuicParameters;
}

/** TLS 1.3 material, PEM texts. A server needs the chain and the key. */
export interface QuicTls {
  /** The leaf first. */
  readonly certificateChain?: string;
  /** PKCS #8. */
  readonly privateKey?: string;
  /** Whom to trust instead of the engine's own list. */
  readonly certificateAuthorities?: string;
  /** False: the handshake accepts any certificate, and whoever drives it must check `peerCertificates` itself. */
  readonly verifyPeer: boolean;
}

/** The two addresses of a path. They are IP literals: an engine never resolves a name. */
export interface QuicPath {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Makes connections from one configuration. */
export interface QuicEndpoint {
  /** `connectionId` is 8 to 20 unpredictable bytes. `serverName` goes into SNI and is what the certificate must name. */
  connect(options: ConnectOptions): EngineConnection;
  /** `originalId` is the destination id of the client's first packet when a Retry was sent before. */
  accept(options: AcceptOptions): EngineConnection;
}

export interface ConnectOptions {
  readonly connectionId: Uint8Array;
  readonly path: QuicPath;
  readonly serverName: string;
}

export interface AcceptOptions {
  readonly connectionId: Uint8Array;
  readonly path: QuicPath;
  readonly originalId?: Uint8Array;
}

/** Why a stream call did nothing. `code` is the peer's application code for `reset` and `stopped`, else 0. */
export interface StreamFault {
  /**
   * reset: the peer sent RESET_STREAM. stopped: the peer sent STOP_SENDING. limit: the peer allows no more streams.
   * gone: the engine does not know the stream, or no longer.
   */
  readonly fault: "reset" | "stopped" | "limit" | "gone";
  readonly code: number;
}

/** What a read put into the buffer. `fin`: these are the last bytes of the stream. */
export interface StreamRead {
  readonly length: number;
  readonly fin: boolean;
}

/** Why a connection ended: the content of a CONNECTION_CLOSE frame. */
export interface QuicError {
  /** True: the code is the application's. False: it is a transport code of RFC 9000, 20.1. */
  readonly application: boolean;
  readonly code: number;
  /** Owned; at most what fits one packet. */
  readonly reason: Uint8Array;
}

/** Counters since the connection began. */
export interface QuicStats {
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly packetsLost: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** One connection inside the engine. Nothing here throws, whatever the peer sent. */
export interface EngineConnection {
  readonly role: "client" | "server";
  /** Room that `sendPacket` needs at least. */
  readonly maxPacketBytes: number;
  readonly established: boolean;
  /** A CONNECTION_CLOSE was sent or received; no stream moves any more. */
  readonly draining: boolean;
  /** The end: it neither sends nor waits for anything. */
  readonly closed: boolean;
  /** It ended because nothing came for too long. */
  readonly timedOut: boolean;
  /** Empty until the handshake has chosen. */
  readonly alpn: string;
  /** DER, the leaf first. Known from the handshake on, also when it was not verified. */
  readonly peerCertificates: readonly Uint8Array[];
  /** What the peer closed with. */
  readonly peerError: QuicError | undefined;
  /** What this side closed with. */
  readonly localError: QuicError | undefined;
  /** 0 = the peer takes no datagrams. */
  readonly maxDatagramBytes: number;

  /** Takes one UDP payload, which it may overwrite (it decrypts in place). False: the packet meant nothing. */
  receivePacket(packet: Uint8Array, nowMs: number): boolean;
  /** Writes the next UDP payload and gives its length; 0 = nothing to send now. */
  sendPacket(into: Uint8Array, nowMs: number): number;
  /** How long until `onTimeout` is due, rounded up; undefined = no timer runs. */
  timeoutMs(nowMs: number): number | undefined;
  onTimeout(nowMs: number): void;

  /** Streams with something to read: bytes, an end or a reset. */
  readable(): readonly number[];
  /** Bytes taken, fewer than given when the windows are full. `fin` counts only when all were taken. */
  streamSend(id: number, bytes: Uint8Array, fin: boolean): number | StreamFault;
  /** Undefined = nothing now. */
  streamReceive(id: number, into: Uint8Array): StreamRead | StreamFault | undefined;
  /** read: STOP_SENDING. write: RESET_STREAM. False: the engine did not know the stream. */
  streamShutdown(id: number, direction: "read" | "write", code: number): boolean;
  /** How many bytes `streamSend` would take now. A stop is found out with it. */
  streamCapacity(id: number): number | StreamFault;
  /** How many more streams the peer lets this side open. */
  streamsLeft(unidirectional: boolean): number;

  /** False: too large, not supported or no room; it is dropped. */
  sendDatagram(bytes: Uint8Array): boolean;
  /** The next datagram, owned. */
  receiveDatagram(): Uint8Array | undefined;

  /** Ends the connection with an application code. A second call changes nothing. */
  close(code: number, reason: Uint8Array): void;
  stats(): QuicStats;
}
