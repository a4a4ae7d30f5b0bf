/**
 * What a runtime offers: a clock, randomness, memory for writing, and capabilities that may be absent. Types only.
 *
 * @module
 */
import type { Link, TlsOptions } from "./link.ts";
import type { Transport } from "./transport.ts";

/** The names of the capabilities. A missing one is the statement "this host cannot". */
export type Capability =
  | "tcp"
  | "tls"
  | "udp"
  | "quicEngine"
  | "webSocket"
  | "webSocketServer"
  | "webTransport"
  | "crypto"
  | "files";

/** One host: Node, Deno, Bun, a browser, an edge worker, or the simulation. */
export interface Runtime {
  /** Which host it is, for messages. */
  readonly name: "node" | "deno" | "bun" | "browser" | "workerd" | "simulated" | (string & {});
  /** Time. */
  readonly clock: Clock;
  /** Fills the array from the host's cryptographically secure source (from the seed in a simulation). */
  random(into: Uint8Array): void;
  /** Memory that connections write frames into and give back at each flush, shared by all of them. */
  readonly slabs: SlabPool;
  /** What this host can. What is absent it cannot. */
  readonly capabilities: Capabilities;
  /** The transports used when a program names none. */
  readonly transports: readonly Transport[];
}

/** Monotonic milliseconds. */
export interface Clock {
  /** Milliseconds since some fixed moment; it never goes back. */
  now(): number;
  /** Calls `run` once at `atMs` or soon after. The result cancels it. */
  wake(atMs: number, run: () => void): () => void;
}

/** A pool of equal writing buffers. */
export interface SlabPool {
  /** A buffer of at least 4 KiB, or of 64 KiB when `large`. Its content is arbitrary. */
  take(large: boolean): Uint8Array;
  /** Gives one back. Nothing may refer to it any more. */
  give(slab: Uint8Array): void;
}

/** The capabilities of a host, each a small object or absent. */
export interface Capabilities {
  /** TCP, both ways. */
  readonly tcp?: Tcp;
  /** TLS over TCP, both ways. */
  readonly tls?: Tls;
  /** Datagrams. No shape yet. */
  readonly udp?: object;
  /** QUIC without I/O. No shape yet. */
  readonly quicEngine?: object;
  /** A WebSocket client. */
  readonly webSocket?: WebSocketDialer;
  /** A WebSocket server. */
  readonly webSocketServer?: WebSocketServer;
  /** WebTransport. No shape yet. */
  readonly webTransport?: object;
  /** Signatures and digests. No shape yet. */
  readonly crypto?: object;
  /** Files, read only. */
  readonly files?: Files;
}

/** TCP, with no delay set on every socket of both ends. Failures are LinkErrors. */
export interface Tcp {
  /** Connects. Rejects with LinkError or the signal's reason. */
  connect(options: { readonly host: string; readonly port: number; readonly signal?: AbortSignal }): Promise<Link>;
  /** Port 0 lets the host choose; the result tells which. */
  listen(options: { readonly host: string; readonly port: number }, accept: (link: Link) => void): Promise<TcpListener>;
}

/** TLS over TCP, no delay on both ends. The peer is verified; failures are LinkErrors of reason "tls". */
export interface Tls {
  /** Connects, and verifies the peer. Rejects with LinkError or the signal's reason. */
  connect(options: {
    readonly host: string;
    readonly port: number;
    readonly tls: TlsOptions;
    readonly signal?: AbortSignal;
  }): Promise<Link>;
  /** `tls.cert` and `tls.key` are needed. With `tls.ca` clients must show a certificate that it signed. */
  listen(
    options: { readonly host: string; readonly port: number; readonly tls: TlsOptions },
    accept: (link: Link) => void,
  ): Promise<TcpListener>;
}

/** A WebSocket client: links of kind "messages", binary only. Failures are LinkErrors. */
export interface WebSocketDialer {
  /** What this host's client can do besides; the rest is refused with UsageError. */
  readonly can: { readonly headers: boolean; readonly pinning: boolean; readonly clientCertificates: boolean };
  /** Connects. Rejects with LinkError or the signal's reason. */
  connect(options: {
    readonly url: URL;
    readonly headers?: Readonly<Record<string, string>>;
    readonly protocols?: readonly string[];
    readonly tls?: TlsOptions;
    /** Largest message taken, in bytes. */
    readonly maxMessageBytes: number;
    readonly signal?: AbortSignal;
  }): Promise<Link>;
}

/** A WebSocket server of its own port. Mounting into a program's server is in the runtime's own module. */
export interface WebSocketServer {
  /** Binds a port and accepts. Rejects with LinkError (port in use). */
  listen(options: WebSocketServerOptions, accept: (link: Link) => void): Promise<TcpListener>;
}

/** What a WebSocket server takes. */
export interface WebSocketServerOptions {
  /** Where to listen. */
  readonly host: string;
  /** Port 0 lets the host choose. */
  readonly port: number;
  /** Only this path is upgraded; others get 404. Any path when absent. */
  readonly path?: string;
  /** Present: wss. */
  readonly tls?: TlsOptions;
  /** Origins that browsers may connect from, besides the server's own; "*" is any. No Origin header is allowed. */
  readonly allowedOrigins?: readonly string[];
  /** Subprotocols this side speaks, best first. None is asked for when empty. */
  readonly protocols?: readonly string[];
  /** Largest message taken, in bytes. A larger one closes with 1009. */
  readonly maxMessageBytes: number;
  /** How long a client may take for its handshake. */
  readonly handshakeTimeoutMs: number;
}

/** A bound port. */
export interface TcpListener {
  /** Where it listens. */
  readonly host: string;
  /** The real port. */
  readonly port: number;
  /** Stops accepting and frees the port. Links that were accepted live on. */
  close(): Promise<void>;
}

/** Reading files, for servers that serve them. */
export interface Files {
  /** The file's size in bytes. Rejects with UsageError, as does reading. */
  size(path: string): Promise<number>;
  /** The file's bytes in chunks of at most `chunkBytes`, each owned by the receiver. */
  read(path: string, chunkBytes: number): AsyncIterable<Uint8Array>;
}
