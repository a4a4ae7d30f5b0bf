/**
 * TCP over node:net, for Node and Deno. It never copies what it sends and never calls a sink from inside `send`.
 *
 * @module
 */
import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { CloseInfo, Link, LinkInfo, LinkSink } from "../../src/contract/link.ts";
import type { Tcp, TcpListener } from "../../src/contract/runtime.ts";
import { hostPort } from "../../transports/address.ts";
import { abortedError, linkError, openError } from "./node-errors.ts";

/** Bytes waiting in a socket above which `send` says to wait. */
const HIGH_WATER_BYTES = 262_144;
/** How many connections the kernel holds until they are accepted. The kernel's own ceiling is often 4096. */
const BACKLOG = 4_096;

/** The TCP capability. `highWaterBytes` is where `send` begins to return false. */
export function nodeTcp(highWaterBytes: number = HIGH_WATER_BYTES): Tcp {
  return {
    connect: ({ host, port, signal }) => connect(host, port, signal, highWaterBytes),
    listen: ({ host, port }, accept) => listen(host, port, accept, highWaterBytes),
  };
}

function connect(host: string, port: number, signal: AbortSignal | undefined, highWaterMark: number): Promise<Link> {
  return new Promise<Link>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const where = hostPort(host, port);
    const options = { host, port, allowHalfOpen: true, highWaterMark };
    let socket: Socket;
    try {
      socket = createConnection(options);
    } catch (error) {
      reject(openError(error, "connecting to", where));
      return;
    }
    const settle = () => {
      signal?.removeEventListener("abort", giveUp);
      socket.off("connect", connected).off("error", failed);
    };
    const connected = () => {
      settle();
      resolve(new NodeTcpLink(socket, where, highWaterMark));
    };
    const failed = (error: Error) => {
      settle();
      socket.destroy();
      reject(openError(error, "connecting to", where));
    };
    const giveUp = () => {
      settle();
      // A destroyed socket may still have an error to tell, and an error nobody hears ends the process.
      socket.on("error", ignore).destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    socket.on("connect", connected).on("error", failed);
  });
}

function listen(
  host: string,
  port: number,
  accept: (link: Link) => void,
  highWaterMark: number,
): Promise<TcpListener> {
  return new Promise<TcpListener>((resolve, reject) => {
    const failed = (error: unknown) => reject(openError(error, "listening on", hostPort(host, port)));
    try {
      const server = createServer({ allowHalfOpen: true, highWaterMark });
      server.on("connection", (socket) => accept(new NodeTcpLink(socket, "the peer", highWaterMark)));
      server.once("error", failed);
      server.listen({ host, port, backlog: BACKLOG }, () => {
        server.off("error", failed);
        // One connection that could not be accepted (out of descriptors, gone again) says nothing about the next.
        server.on("error", ignore);
        resolve(listenerOf(server, host, port));
      });
    } catch (error) {
      failed(error);
    }
  });
}

function listenerOf(server: Server, host: string, port: number): TcpListener {
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address : { address: host, port };
  return {
    host: bound.address,
    port: bound.port,
    // Not the callback of close(): it waits for the accepted connections too. The port is free at once.
    close() {
      if (server.listening) server.close();
      return Promise.resolve();
    },
  };
}

/** One connection. Until `start` the socket's own buffer holds what arrives, and stops reading when that is full. */
class NodeTcpLink implements Link {
  readonly kind = "bytes";
  readonly info: LinkInfo;
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

  constructor(socket: Socket, where: string, highWaterBytes: number) {
    this.#socket = socket;
    this.info = infoOf(socket);
    this.#where = this.info.remote ?? where;
    // Deno does not hand a server's mark on to its sockets; below the socket's own mark no "drain" would follow.
    this.#highWaterBytes = Math.max(highWaterBytes, socket.writableHighWaterMark);
    socket.setNoDelay(true);
    socket.on("error", (error) => this.#failure = error);
    socket.on("close", () => {
      this.#gone = true;
      this.#sink?.closed(this.#closeInfo());
    });
  }

  /** The socket counts a write until the kernel has taken all of it: a write it took at once is not counted at all. */
  get buffered(): number {
    return this.#socket.writableLength;
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
      this.#peerEnded = true;
      sink.end();
    });
    // A plain Uint8Array: Buffer's own slice() does not copy, which nobody outside the runtimes expects.
    socket.on("data", (chunk: Buffer) => sink.chunk(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
  }

  send(owned: Uint8Array): boolean {
    if (this.#ended || this.#gone) return false;
    this.#socket.write(owned);
    if (this.#socket.writableLength < this.#highWaterBytes) return true;
    this.#waiting = true;
    return false;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
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
    this.#socket.resetAndDestroy();
  }

  #closeInfo(): CloseInfo {
    if (this.#aborted) {
      return { code: "link-closed", reason: "given up by this side", error: abortedError(this.#where) };
    }
    if (this.#failure === undefined && this.#ended && this.#peerEnded) {
      return { code: "link-closed", reason: "ended by both sides" };
    }
    const error = linkError(this.#failure ?? new Error("closed early"), "talking to", this.#where);
    return { code: error.code, reason: error.message, error };
  }
}

/** Read at once: a closed socket no longer knows its addresses. */
function infoOf(socket: Socket): LinkInfo {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return {
    scheme: "tcp",
    secure: false,
    ...(localAddress !== undefined && localPort !== undefined && { local: hostPort(localAddress, localPort) }),
    ...(remoteAddress !== undefined && remotePort !== undefined && { remote: hostPort(remoteAddress, remotePort) }),
  };
}

function ignore(): void {}
