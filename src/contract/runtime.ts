/**
 * What a runtime offers: a clock, randomness, memory for writing, and capabilities that may be absent. Types only.
 *
 * @module
 */
import type { Link, LinkInfo, TlsOptions } from "./link.ts";
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
  readonly name: "node" | "deno" | "bun" | "browser" | "workerd" | "simulated" | (string & {});
  readonly clock: Clock;
  /** Fills the array from the host's cryptographically secure source (from the seed in a simulation). */
  random(into: Uint8Array): void;
  /** Memory that connections write frames into and give back at each flush, shared by all of them. */
  readonly slabs: SlabPool;
  readonly capabilities: Capabilities;
  /** The transports used when a program names none. */
  readonly transports: readonly Transport[];
}

/** Monotonic milliseconds. */
export interface Clock {
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
  readonly tcp?: Tcp;
  readonly tls?: object;
  readonly udp?: object;
  readonly quicEngine?: object;
  readonly webSocket?: object;
  readonly webSocketServer?: object;
  readonly webTransport?: object;
  readonly crypto?: object;
  readonly files?: Files;
}

/** TCP, with no delay set on every socket of both ends. Failures are LinkErrors. */
export interface Tcp {
  connect(options: { readonly host: string; readonly port: number; readonly signal?: AbortSignal }): Promise<Link>;
  /** Port 0 lets the host choose; the result tells which. */
  listen(options: { readonly host: string; readonly port: number }, accept: (link: Link) => void): Promise<TcpListener>;
}

/** A bound port. */
export interface TcpListener {
  readonly host: string;
  readonly port: number;
  /** Stops accepting and frees the port. Links that were accepted live on. */
  close(): Promise<void>;
}

/** Reading files, for servers that serve them. */
export interface Files {
  size(path: string): Promise<number>;
  /** The file's bytes in chunks of at most `chunkBytes`, each owned by the receiver. */
  read(path: string, chunkBytes: number): AsyncIterable<Uint8Array>;
}

export type { LinkInfo, TlsOptions };
