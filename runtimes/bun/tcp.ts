/**
 * TCP over Bun's native sockets. It never copies what it sends, never loses what the kernel did not take at once, and
 * never calls a sink from inside a method of the link.
 *
 * @module
 */
import type { CloseInfo, Link, LinkInfo, LinkSink } from "../../src/contract/link.ts";
import type { Tcp, TcpListener } from "../../src/contract/runtime.ts";
import { hostPort } from "../../transports/address.ts";
import { abortedError, linkError, openError } from "../shared/node-errors.ts";
import { type BunHost, bunHost, type BunSocket, type BunSocketHandlers } from "./host.ts";

/** Bytes held for a socket above which `send` says to wait. */
const HIGH_WATER_BYTES = 262_144;

type Socket = BunSocket<BunTcpLink | undefined>;

/** The TCP capability. `highWaterBytes` is where `send` begins to return false. */
export function bunTcp(highWaterBytes: number = HIGH_WATER_BYTES, host: () => BunHost = bunHost): Tcp {
  return {
    connect: (options) => connect(host, options, highWaterBytes),
    listen: (options, accept) => listen(host, options, accept, highWaterBytes),
  };
}

/**
 * Bun has no way to give up an attempt that is under way. One that was given up is reset the moment it opens; one that
 * gets no answer at all ends when the kernel gives it up.
 */
function connect(
  host: () => BunHost,
  { host: hostname, port, signal }: Parameters<Tcp["connect"]>[0],
  highWaterBytes: number,
): Promise<Link> {
  return new Promise<Link>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const giveUp = () => reject(signal?.reason);
    const open = (socket: Socket) => {
      signal?.removeEventListener("abort", giveUp);
      if (signal?.aborted === true) socket.terminate();
      else resolve(adopt(socket, highWaterBytes));
    };
    const failed = (error: unknown) => {
      signal?.removeEventListener("abort", giveUp);
      reject(openError(error, "connecting to", hostPort(hostname, port)));
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      host().connect({ hostname, port, allowHalfOpen: true, socket: handlers(open) }).catch(failed);
    } catch (error) {
      failed(error);
    }
  });
}

function listen(
  host: () => BunHost,
  { host: hostname, port }: Parameters<Tcp["listen"]>[0],
  accept: (link: Link) => void,
  highWaterBytes: number,
): Promise<TcpListener> {
  return new Promise<TcpListener>((resolve, reject) => {
    try {
      const open = (socket: Socket) => accept(adopt(socket, highWaterBytes));
      const listener = host().listen({ hostname, port, allowHalfOpen: true, socket: handlers(open) });
      const close = () => {
        // Without an argument: the accepted connections live on.
        listener.stop();
        return Promise.resolve();
      };
      resolve({ host: listener.hostname, port: listener.port, close });
    } catch (error) {
      reject(openError(error, "listening on", hostPort(hostname, port)));
    }
  });
}

function adopt(socket: Socket, highWaterBytes: number): Link {
  socket.setNoDelay(true);
  return socket.data = new BunTcpLink(socket, highWaterBytes);
}

function handlers(open: (socket: Socket) => void): BunSocketHandlers<BunTcpLink | undefined> {
  return {
    binaryType: "uint8array",
    open,
    data: (socket, bytes) => socket.data?.arrived(bytes),
    drain: (socket) => socket.data?.drained(),
    end: (socket) => socket.data?.finished(),
    close: (socket, error) => socket.data?.gone(error),
    // A sink threw. Bun would keep that to itself; a bug is to be seen, as on the other hosts.
    error: (_socket, error) =>
      queueMicrotask(() => {
        throw error;
      }),
  };
}

/**
 * One connection. What the kernel did not take is held by reference and counted in `buffered`. What arrives while
 * nobody may be told (before `start`, or paused: Bun reads once more when the peer resets) is held too.
 */
class BunTcpLink implements Link {
  readonly kind = "bytes";
  readonly info: LinkInfo;
  buffered = 0;
  readonly #socket: Socket;
  readonly #highWaterBytes: number;
  #sink: LinkSink | undefined;
  /** Bytes for the peer, in order. */
  #queue: Uint8Array[] = [];
  /** Bytes from the peer, in order. */
  readonly #held: Uint8Array[] = [];
  #waiting = false;
  #paused = false;
  #ended = false;
  #shut = false;
  #aborted = false;
  #peerEnded = false;
  #endTold = false;
  #closeInfo: CloseInfo | undefined;
  #closeTold = false;

  constructor(socket: Socket, highWaterBytes: number) {
    this.#socket = socket;
    this.#highWaterBytes = highWaterBytes;
    this.info = {
      scheme: "tcp",
      secure: false,
      local: hostPort(socket.localAddress, socket.localPort),
      remote: hostPort(socket.remoteAddress, socket.remotePort),
    };
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
    if (this.#owes) this.#tellSoon();
  }

  send(owned: Uint8Array): boolean {
    if (this.#ended || this.#closeInfo !== undefined) return false;
    const taken = this.#queue.length > 0 ? 0 : Math.max(0, this.#socket.write(owned));
    if (taken < owned.length) {
      this.#queue.push(taken === 0 ? owned : owned.subarray(taken));
      this.buffered += owned.length - taken;
    }
    if (this.buffered < this.#highWaterBytes) return true;
    this.#waiting = true;
    return false;
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#owes) this.#tellSoon();
    else this.#socket.resume();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#shutWhenSent();
  }

  abort(): void {
    if (this.#aborted || this.#closeInfo !== undefined) return;
    this.#aborted = true;
    this.#ended = true;
    this.#socket.terminate();
  }

  /** The socket's `data`. */
  arrived(bytes: Uint8Array): void {
    if (this.#sink !== undefined && !this.#paused && this.#held.length === 0) {
      this.#sink.chunk(bytes);
      return;
    }
    // Not a copy: Bun gives a fresh array to each call.
    this.#held.push(bytes);
    this.#socket.pause();
  }

  /** The socket's `drain`. */
  drained(): void {
    let sent = 0;
    for (const bytes of this.#queue) {
      const taken = Math.max(0, this.#socket.write(bytes));
      this.buffered -= taken;
      if (taken < bytes.length) {
        this.#queue[sent] = bytes.subarray(taken);
        break;
      }
      sent++;
    }
    if (sent > 0) this.#queue.splice(0, sent);
    this.#shutWhenSent();
    if (!this.#waiting || this.buffered >= this.#highWaterBytes) return;
    this.#waiting = false;
    if (!this.#ended) this.#sink?.drain();
  }

  /** The socket's `end`. */
  finished(): void {
    this.#peerEnded = true;
    this.#tell();
  }

  /** The socket's `close`. It comes from inside `terminate` and may come from inside `write`, so it is told later. */
  gone(cause: Error | undefined): void {
    this.#queue = [];
    this.buffered = 0;
    this.#closeInfo = this.#closeInfoOf(cause);
    if (this.#closeInfo.error === undefined) this.#peerEnded = true;
    else this.#held.length = 0;
    this.#tellSoon();
  }

  /** True when something is still to be told. */
  get #owes(): boolean {
    return this.#held.length > 0 || (this.#peerEnded && !this.#endTold) || this.#closeInfo !== undefined;
  }

  #tellSoon(): void {
    queueMicrotask(() => this.#tell());
  }

  /** Tells what is owed, in order, as far as it may be told. A broken link holds nothing and tells nothing but that. */
  #tell(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#closeTold) return;
    while (this.#held.length > 0 && !this.#paused) sink.chunk(this.#held.shift() as Uint8Array);
    const broken = this.#closeInfo?.error !== undefined;
    if (this.#paused && !broken) return;
    if (this.#peerEnded && !this.#endTold && !broken) {
      this.#endTold = true;
      sink.end();
    }
    if (this.#closeInfo !== undefined) {
      this.#closeTold = true;
      sink.closed(this.#closeInfo);
    } else if (!this.#paused) {
      this.#socket.resume();
    }
  }

  #shutWhenSent(): void {
    if (!this.#ended || this.#shut || this.#queue.length > 0) return;
    this.#shut = true;
    this.#socket.shutdown();
  }

  /** Bun closes a socket by itself once both sides have sent FIN, so a close before this side's FIN is a break. */
  #closeInfoOf(cause: Error | undefined): CloseInfo {
    const where = this.info.remote ?? "the peer";
    if (this.#aborted) return { code: "link-closed", reason: "given up by this side", error: abortedError(where) };
    if (cause === undefined && this.#shut) return { code: "link-closed", reason: "ended by both sides" };
    const error = linkError(cause ?? new Error("closed early"), "talking to", where);
    return { code: error.code, reason: error.message, error };
  }
}
