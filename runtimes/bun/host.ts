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

/** The server's end of a WebSocket. */
export interface BunServerSocket<Data> {
  readonly data: Data;
  binaryType: "arraybuffer" | "nodebuffer" | "uint8array";
  /** Bytes taken, -1 when taken but held, 0 when refused (or closed). What is held is a copy. */
  send(bytes: Uint8Array): number;
  getBufferedAmount(): number;
  /** Gathers what is sent meanwhile into one write. Bun does so by itself while it calls `message`. */
  cork(send: () => void): void;
  /** Sends a close frame behind everything held. `close` is called before it returns, and nothing more is read. */
  close(code?: number): void;
  /** Closes without a frame. `close` is called before it returns. */
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** What `Bun.serve` takes for WebSockets. */
export interface BunWebSocketHandlers<Data> {
  /** A larger message closes with 1009. */
  readonly maxPayloadLength: number;
  /** Above so many held bytes `send` refuses; 0 is no limit. */
  readonly backpressureLimit: number;
  readonly closeOnBackpressureLimit: boolean;
  /** Seconds; 0 is never. */
  readonly idleTimeout: number;
  readonly sendPings: boolean;
  readonly perMessageDeflate: boolean;
  open(socket: BunServerSocket<Data>): void;
  /** The bytes are a fresh array for each call. */
  message(socket: BunServerSocket<Data>, message: string | Uint8Array): void;
  /** Some of what was held has left. */
  drain(socket: BunServerSocket<Data>): void;
  close(socket: BunServerSocket<Data>, code: number, reason: string): void;
}

/** A running `Bun.serve`. */
export interface BunServer {
  readonly hostname: string;
  readonly port: number;
  upgrade(request: Request, options: { readonly data: unknown; readonly headers?: Record<string, string> }): boolean;
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
  stop(closeConnections?: boolean): Promise<void>;
}

/** What `Bun.serve` takes. */
export interface BunServeOptions<Data> {
  readonly hostname: string;
  readonly port: number;
  readonly development: boolean;
  readonly reusePort: boolean;
  /** Seconds without a byte, before a connection that is no WebSocket yet is closed; Bun counts in steps of four. */
  readonly idleTimeout: number;
  readonly tls?: Readonly<Record<string, unknown>>;
  fetch(request: Request, server: BunServer): Response | undefined;
  readonly websocket: BunWebSocketHandlers<Data>;
}

/** The `Bun` object. */
export interface BunHost {
  serve<Data>(options: BunServeOptions<Data>): BunServer;
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
