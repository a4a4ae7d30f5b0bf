/**
 * The link over a socket of node:net or node:tls, for every host that has them. It never copies what it sends and never
 * calls a sink from inside `send`.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { LinkError } from "../../src/contract/errors.ts";
import type { CloseInfo, Link, LinkInfo, LinkSink } from "../../src/contract/link.ts";
import { hostPort } from "../../transports/address.ts";
import { abortedError, linkError } from "./node-errors.ts";

/** What a link is made of. */
export interface NodeLinkParts {
  /** Where payload goes in and comes out: the socket itself, or a TLS socket over it. */
  readonly socket: Socket;
  /** The TCP socket, which is what can be reset. */
  readonly raw: Socket;
  readonly info: LinkInfo;
  /** The peer, for messages, if the socket does not know it. */
  readonly where: string;
  /** Bytes waiting in the socket above which `send` says to wait. */
  readonly highWaterBytes: number;
  /** Stops reading below the socket, where the socket's own pause does not reach that far. */
  readonly hold?: (on: boolean) => void;
  /** The error for a break; `silent` when the peer broke off before it sent a byte and before this side ended. */
  readonly explain?: (cause: Error, where: string, silent: boolean) => LinkError;
  /** True where a peer that ends before it has sent anything has refused this side. */
  readonly endIsRefusal?: boolean;
}

/** One connection. Until `start` the socket's own buffer holds what arrives, and stops reading when that is full. */
export class NodeLink implements Link {
  readonly kind = "bytes";
  readonly info: LinkInfo;
  readonly #parts: NodeLinkParts;
  readonly #socket: Socket;
  readonly #where: string;
  readonly #highWaterBytes: number;
  #sink: LinkSink | undefined;
  #failure: Error | undefined;
  #gone = false;
  #waiting = false;
  #ended = false;
  #aborted = false;
  #peerEnded = false;
  /** Nothing has arrived yet. */
  #silent = true;

  constructor(parts: NodeLinkParts) {
    const { socket, info, where, highWaterBytes } = parts;
    this.#parts = parts;
    this.#socket = socket;
    this.info = info;
    this.#where = info.remote ?? where;
    // Deno does not hand a server's mark on to its sockets; below the socket's own mark no "drain" would follow.
    this.#highWaterBytes = Math.max(highWaterBytes, socket.writableHighWaterMark);
    parts.hold?.(true);
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => {
      this.#gone = true;
      const sink = this.#sink;
      // A TLS socket closes from inside `abort`.
      if (sink !== undefined) queueMicrotask(() => sink.closed(this.#closeInfo()));
    });
  }

  /** The socket counts a write until what is below has taken all of it. */
  get buffered(): number {
    return this.#socket.writableLength;
  }

  /** Node counts a write as waiting until all of it has gone; its handle knows how much has. */
  get unsent(): number {
    return (this.#socket as { readonly _handle?: { readonly writeQueueSize?: number } | null })._handle
      ?.writeQueueSize ?? 0;
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
    const socket = this.#socket;
    if (this.#gone) {
      queueMicrotask(() => sink.closed(this.#closeInfo()));
      return;
    }
    socket.on("drain", () => {
      if (!this.#waiting) return;
      this.#waiting = false;
      sink.drain();
    });
    socket.on("end", () => {
      if (this.#isOver) return;
      if (this.#silent && !this.#ended && this.#parts.endIsRefusal === true) {
        this.#fail(new Error("ended before it sent anything"));
        return;
      }
      this.#peerEnded = true;
      sink.end();
    });
    // A plain Uint8Array: Buffer's own slice() does not copy, which nobody outside the runtimes expects.
    socket.on("data", (chunk: Buffer) => {
      if (this.#isOver) return;
      this.#silent = false;
      sink.chunk(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    });
    this.#parts.hold?.(false);
  }

  send(owned: Uint8Array): boolean {
    if (this.#ended || this.#gone) return false;
    this.#socket.write(owned);
    if (this.#socket.writableLength < this.#highWaterBytes) return true;
    this.#waiting = true;
    return false;
  }

  pause(): void {
    this.#parts.hold?.(true);
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
    this.#parts.hold?.(false);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.end();
  }

  abort(): void {
    if (this.#gone || this.#aborted) return;
    this.#aborted = true;
    this.#ended = true;
    // Only the TCP socket: TLS over it goes with it. Destroying that one, too, is a segmentation fault in Node 20.
    this.#parts.raw.resetAndDestroy();
  }

  /** A TLS socket may still tell data and an end after it broke or was destroyed. */
  get #isOver(): boolean {
    return this.#gone || this.#aborted || this.#failure !== undefined;
  }

  /** The first failure is the one that is told. A TLS socket does not always close by itself after one. */
  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
  }

  #closeInfo(): CloseInfo {
    if (this.#aborted) {
      return { code: "link-closed", reason: "given up by this side", error: abortedError(this.#where) };
    }
    if (this.#failure === undefined && this.#ended && this.#peerEnded) {
      return { code: "link-closed", reason: "ended by both sides" };
    }
    const { explain = (cause, where) => linkError(cause, "talking to", where) } = this.#parts;
    const error = explain(this.#failure ?? new Error("closed early"), this.#where, this.#silent && !this.#peerEnded);
    return { code: error.code, reason: error.message, error };
  }
}

/** The addresses of a connected socket. Read at once: a closed socket no longer knows them. */
export function addressesOf(socket: Socket): Pick<LinkInfo, "local" | "remote"> {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return {
    ...(localAddress !== undefined && localPort !== undefined && { local: hostPort(localAddress, localPort) }),
    ...(remoteAddress !== undefined && remotePort !== undefined && { remote: hostPort(remoteAddress, remotePort) }),
  };
}
