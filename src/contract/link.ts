/**
 * Links and sessions: what a transport hands to the driver. Types only; nothing here knows a host.
 *
 * @module
 */

/**
 * How something ended. `error` is absent when the end was clean. `resetCode` is the application code with which the
 * peer gave up a stream of a session, or with which it closed the session.
 */
export type CloseInfo = {
  readonly code: string;
  readonly reason: string;
  readonly error?: Error;
  readonly resetCode?: number;
};

/** What is known about a link from below the protocol. */
export interface LinkInfo {
  /** The URL scheme without the colon: "tcp", "ws", "quic", "memory", … */
  readonly scheme: string;
  /** "host:port" of this side. */
  readonly local?: string;
  /** "host:port" of the peer. */
  readonly remote?: string;
  /** True when the bytes are encrypted on the wire. */
  readonly secure: boolean;
  /** The protocol that TLS or QUIC negotiated. */
  readonly alpn?: string;
  /** DER certificates the peer showed, leaf first. */
  readonly peerCertificates?: readonly Uint8Array[];
  /** The HTTP request that opened the link, where there was one. */
  readonly request?: { readonly path: string; readonly query: string; readonly headers: ReadonlyMap<string, string> };
}

/** Who hears of a link's inputs. All four are called from the host's event loop, never from inside `send`. */
export interface LinkSink {
  /** Bytes arrived. Borrowed: valid until this call returns. */
  chunk(borrowed: Uint8Array): void;
  /** `send` returned false before and would return true now. */
  drain(): void;
  /** The peer sends no more; this side may still send. */
  end(): void;
  /** Streams of a session: the peer gave up sending, with its application code. `end` does not follow. */
  reset?(code: number): void;
  /** Streams of a session: the peer wants nothing more of this side, with its application code. */
  stop?(code: number): void;
  /** The link is gone, once and last. `info.error` says why when it was not a clean end. */
  closed(info: CloseInfo): void;
}

/**
 * One ordered byte path: a TCP or TLS connection, one QUIC or WebTransport stream ("bytes": chunk borders mean
 * nothing), or a WebSocket or MessagePort ("messages": one chunk is one message).
 */
export interface Link {
  /** Whether the borders of chunks mean something. */
  readonly kind: "bytes" | "messages";
  /** What is known of it from below. */
  readonly info: LinkInfo;
  /**
   * Bytes given to `send` that the link still refers to. When it is 0 after a `send`, the caller may write into those
   * buffers again. It is also the measure of how far the peer is behind.
   */
  readonly buffered: number;
  /**
   * What the host still has to hand to the network of the write it is at. That it changes shows that the peer reads,
   * also within one large write. Absent where the host does not tell.
   */
  readonly unsent?: number;
  /** Begins delivery. Called once, before anything else. */
  start(sink: LinkSink): void;
  /**
   * Sends bytes, which the link owns while `buffered` counts them. False means: taken, but wait for `drain` before
   * sending more. Never throws; a failure is told to `closed`.
   */
  send(owned: Uint8Array): boolean;
  /** Stops reading, so that the peer feels back-pressure. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Says that this side sends no more, after everything sent before. */
  end(): void;
  /** Gives the link up at once, both ways. On a stream of a session, with an application error code. */
  abort(code?: number): void;
  /** Streams of a session: gives up sending only (RESET_STREAM). */
  reset?(code: number): void;
  /** Streams of a session: wants nothing more of the peer (STOP_SENDING). */
  stop?(code: number): void;
  /** Upgrades a plain link to TLS in place. Absent where the host cannot. */
  secure?(options: TlsOptions): Promise<void>;
}

/** Who hears of a session's inputs. */
export interface SessionSink {
  /** The peer opened a stream. Told in the order it opened them (RFC 9000, 2.1). */
  stream(link: Link, unidirectional: boolean): void;
  /** A datagram arrived. Borrowed: valid until this call returns. */
  datagram(borrowed: Uint8Array): void;
  /** The session and all its streams are gone, once and last. */
  closed(info: CloseInfo): void;
}

/** A connection that carries many streams: QUIC, WebTransport. */
export interface Session {
  /** Tells it from a link. */
  readonly kind: "session";
  /** What is known of it from below. */
  readonly info: LinkInfo;
  /** Begins delivery. Called once, before anything else. */
  start(sink: SessionSink): void;
  /** Opens a stream. Rejects with a LinkError when the session is gone. */
  open(options?: { unidirectional?: boolean }): Promise<Link>;
  /** The largest datagram the path takes now, in bytes. 0 = no datagrams. */
  readonly maxDatagramBytes: number;
  /** Sends a datagram, which may be lost. False: too large, not supported, or dropped for want of room. */
  sendDatagram(bytes: Uint8Array): boolean;
  /** Ends the session and all its streams. `reason` is cut at 1,024 bytes. */
  close(code?: number, reason?: string): void;
}

/** TLS material. PEM texts; hashes are SHA-256 over the DER certificate. */
export interface TlsOptions {
  /** Authorities to trust in place of the host's own; on a server, those whose clients are let in. */
  readonly ca?: string;
  /** This side's certificate, leaf first. */
  readonly cert?: string;
  /** Its private key. */
  readonly key?: string;
  /** The name to ask for and to verify, in place of the URL's. */
  readonly serverName?: string;
  /** The peer's certificate must have one of these hashes, and need have no authority. */
  readonly certificateHashes?: readonly Uint8Array[];
}
