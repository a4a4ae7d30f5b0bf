/**
 * A WebSocket of the package `ws` as a link, for Node and Deno. It writes once per turn of the event loop, and it never
 * copies what it sends, except where `ws` masks it.
 *
 * @module
 */
import type { Socket } from "node:net";
import { nextTick } from "node:process";
import type { LinkInfo } from "../../src/contract/link.ts";
import { HIGH_WATER_BYTES, MessageLink, type MessageWire } from "./message-link.ts";
import type { Below } from "./node-tls.ts";
import { OPEN, type WsSocket } from "./ws-package.ts";

/** The connection below a WebSocket: a TCP socket, or a TLS socket and what is below it. */
export interface Connection {
  readonly socket: Socket;
  readonly lower: Below;
  /** What the peer showed, leaf first. */
  readonly certificates?: readonly Uint8Array[];
}

/** What a link over `ws` is made of. */
export interface WsLinkParts extends Connection {
  readonly ws: WsSocket;
  readonly info: LinkInfo;
  readonly where: string;
  readonly maxMessageBytes: number;
}

/** Makes the link. To be called in the same turn in which `ws` opened, before it can tell anything. */
export function wsLink({ ws, socket, lower, info, where, maxMessageBytes }: WsLinkParts): MessageLink {
  // Below the socket's own mark no "drain" would follow.
  const highWaterBytes = Math.max(HIGH_WATER_BYTES, socket.writableHighWaterMark);
  const link = new MessageLink(new WsWire(ws, { socket, lower }), { info, where, maxMessageBytes, highWaterBytes });
  let cause: Error | undefined;
  lower.raw.on("error", (error) => cause ??= error);
  socket.on("error", (error) => cause ??= error);
  socket.on("drain", () => link.relieved());
  ws.on("message", (data, isBinary) => {
    // A plain Uint8Array: Buffer's own slice() does not copy, which nobody outside the runtimes expects.
    if (isBinary) link.arrived(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    else link.text();
  });
  ws.on("error", (error) => error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" ? link.tooBig() : link.violated(error));
  ws.on("close", (code, reason) => link.gone(code, text.decode(reason), cause));
  ws.pause();
  lower.tap?.hold(true);
  return link;
}

/** What was sent, framed, is in the socket, which counts it until the kernel has taken all of it. */
class WsWire implements MessageWire {
  readonly #ws: WsSocket;
  readonly #socket: Socket;
  readonly #lower: Below;
  #corked = false;

  constructor(ws: WsSocket, { socket, lower }: Connection) {
    this.#ws = ws;
    this.#socket = socket;
    this.#lower = lower;
  }

  get buffered(): number {
    return this.#socket.writableLength;
  }

  send(bytes: Uint8Array): void {
    if (this.#ws.readyState !== OPEN) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      nextTick(this.#uncork);
    }
    this.#ws.send(bytes);
  }

  pause(): void {
    this.#lower.tap?.hold(true);
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
    this.#lower.tap?.hold(false);
  }

  close(code: number): void {
    this.#ws.close(code);
  }

  terminate(reset: boolean): void {
    // In a mounted server of node:https nothing below the TLS socket is known, and that one cannot be reset.
    if (reset && !("encrypted" in this.#lower.raw)) this.#lower.raw.resetAndDestroy();
    this.#ws.terminate();
    if (this.#lower.raw !== this.#socket) this.#lower.raw.destroy();
  }

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };
}

const text = new TextDecoder();
