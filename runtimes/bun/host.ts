/**
 * The members of Bun that this project uses, declared as far as it uses them. It never declares a global.
 *
 * @module
 */

/** A native TCP socket. */
export interface BunSocket<Data> {
  data: Data;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  setNoDelay(on: boolean): boolean;
  /** How many bytes the kernel took, or -1 when the socket is closed or shut down. Nothing is kept. */
  write(bytes: Uint8Array): number;
  /** Sends FIN; reading goes on. */
  shutdown(): void;
  /** Sends RST. `close` is called before it returns. */
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** What a native socket calls. */
export interface BunSocketHandlers<Data> {
  readonly binaryType: "uint8array";
  open(socket: BunSocket<Data>): void;
  /** The bytes are a fresh array for each call. */
  data(socket: BunSocket<Data>, bytes: Uint8Array): void;
  /** Also called when nothing waits. */
  drain(socket: BunSocket<Data>): void;
  /** FIN came. Not called when this side had sent its own FIN before: then only `close` is. */
  end(socket: BunSocket<Data>): void;
  close(socket: BunSocket<Data>, error?: Error): void;
  /** Another handler threw. */
  error(socket: BunSocket<Data>, error: Error): void;
}

/** The `Bun` object. */
export interface BunHost {
  connect<Data>(options: BunSocketOptions<Data>): Promise<BunSocket<Data>>;
  listen<Data>(options: BunSocketOptions<Data>): {
    readonly hostname: string;
    readonly port: number;
    stop(closeConnections?: boolean): void;
  };
}

/** What connecting and listening take. Bun has no option for the backlog and none for giving a connect up. */
export interface BunSocketOptions<Data> {
  readonly hostname: string;
  readonly port: number;
  readonly allowHalfOpen: boolean;
  readonly socket: BunSocketHandlers<Data>;
}

/** The host's `Bun` object, looked up when it is needed so that importing this file asks for nothing. */
export function bunHost(): BunHost {
  const { Bun } = globalThis as { readonly Bun?: BunHost };
  if (Bun === undefined) throw new Error("This is the runtime of Bun, and the program does not run on Bun.");
  return Bun;
}
