/**
 * What every WebSocket link does, over the few things in which hosts differ: order, back-pressure, the closing
 * handshake, and who is told what. It never joins, cuts or copies a message, and never calls a sink from inside one of
 * its own methods.
 *
 * @module
 */
import { LinkError } from "../../src/contract/errors.ts";
import type { CloseInfo, Link, LinkInfo, LinkSink } from "../../src/contract/link.ts";
import { abortedError, linkError } from "./node-errors.ts";
import { webClock } from "./web.ts";

/** Bytes a host holds for the peer above which `send` says to wait. */
export const HIGH_WATER_BYTES = 262_144;
/** How long the peer may take to answer a close frame that has left. */
const CLOSE_WAIT_MS = 1_000;
/** How often it is looked at whether it has left. */
const CLOSE_STEP_MS = 125;

/** Close codes of RFC 6455, section 7.4.1, as far as they are used here. */
export const NORMAL = 1_000;
export const NOT_SUPPORTED = 1_003;
export const NO_STATUS = 1_005;
export const ABNORMAL = 1_006;
export const TOO_BIG = 1_009;
const CLEAN: ReadonlySet<number> = new Set([NORMAL, 1_001, NO_STATUS]);

/** One open WebSocket of a host. */
export interface MessageWire {
  /** Bytes it was given and has not let go of. */
  readonly buffered: number;
  /** Takes one binary message, whatever it already holds. Never throws. */
  send(bytes: Uint8Array): void;
  /** Stops reading. Absent where the host cannot. */
  pause?(): void;
  resume?(): void;
  /** Sends a close frame after everything sent before. The host tells `gone` when the peer has answered. */
  close(code: number): void;
  /** Breaks off, with a reset where the host can and `reset` says so. The host tells `gone`. */
  terminate(reset: boolean): void;
  /** `send` said to wait: a host that tells nothing by itself has to look until there is room. */
  watch?(): void;
}

/** What a link is made with. */
export interface MessageLinkOptions {
  readonly info: LinkInfo;
  /** The peer's name in messages. */
  readonly where: string;
  readonly maxMessageBytes: number;
  readonly highWaterBytes?: number;
}

/**
 * One WebSocket as a link. What arrives while nobody may be told (before `start`, or paused: the rest of what the host
 * has read) is held in order. A host that cannot pause may fill two messages' worth, then the link is given up.
 */
export class MessageLink implements Link {
  readonly kind = "messages";
  readonly info: LinkInfo;
  readonly #wire: MessageWire;
  readonly #where: string;
  readonly #maxMessageBytes: number;
  readonly #highWaterBytes: number;
  #sink: LinkSink | undefined;
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;
  #paused = false;
  #waiting = false;
  #ended = false;
  #aborted = false;
  #failure: LinkError | undefined;
  #closeInfo: CloseInfo | undefined;
  #endTold = false;
  #closeTold = false;
  #disarm: () => void = () => {};

  constructor(wire: MessageWire, options: MessageLinkOptions) {
    this.#wire = wire;
    this.info = options.info;
    this.#where = options.where;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#highWaterBytes = options.highWaterBytes ?? HIGH_WATER_BYTES;
  }

  get buffered(): number {
    return this.#closeInfo === undefined ? this.#wire.buffered : 0;
  }

  /** True from a `send` that said to wait until `drain`. */
  get isWaiting(): boolean {
    return this.#waiting;
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
    this.#tellSoon();
  }

  send(owned: Uint8Array): boolean {
    if (this.#ended || this.#closeInfo !== undefined) return false;
    this.#wire.send(owned);
    if (this.#wire.buffered < this.#highWaterBytes) return true;
    this.#waiting = true;
    this.#wire.watch?.();
    return false;
  }

  pause(): void {
    this.#paused = true;
    this.#wire.pause?.();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#held.length > 0 || this.#closeInfo !== undefined) this.#tellSoon();
    else this.#wire.resume?.();
  }

  end(): void {
    this.#close(NORMAL);
  }

  abort(): void {
    if (this.#aborted || this.#closeInfo !== undefined) return;
    this.#aborted = true;
    this.#ended = true;
    this.#wire.terminate(true);
  }

  // What the host tells

  /** A binary message; it is the link's from here on. */
  arrived(message: Uint8Array): void {
    if (this.#failure !== undefined || this.#aborted) return;
    if (message.length > this.#maxMessageBytes) return this.tooBig();
    if (this.#sink !== undefined && !this.#paused && this.#held.length === 0) return this.#sink.chunk(message);
    this.#held.push(message);
    this.#heldBytes += message.length;
    if (this.#wire.pause !== undefined) this.#wire.pause();
    else if (this.#heldBytes > 2 * this.#maxMessageBytes) {
      this.#refuse(TOO_BIG, `${this.#heldBytes} bytes arrived while reading was paused, and this host cannot pause`);
    }
  }

  /** A text message. Only binary ones carry anything here. */
  text(): void {
    this.#refuse(NOT_SUPPORTED, "the peer sent a text message, and only binary ones mean something here");
  }

  /** A message that is larger than allowed, whether the host has closed for it or not. */
  tooBig(): void {
    this.#refuse(TOO_BIG, `the peer sent a message of more than ${this.#maxMessageBytes} bytes`);
  }

  /** The peer broke the WebSocket protocol; the host closes for it. */
  violated(cause: Error): void {
    this.#failure ??= this.#brokenOff(`the peer broke the WebSocket protocol (${cause.message})`, cause);
  }

  /** The host may hold less than before. */
  relieved(): void {
    if (!this.#waiting || this.#wire.buffered >= this.#highWaterBytes) return;
    this.#waiting = false;
    if (!this.#ended && this.#closeInfo === undefined) this.#sink?.drain();
  }

  /** It is over. `code` is the peer's, or ABNORMAL when it sent none; `cause` is why the connection broke. */
  gone(code: number, reason: string, cause?: Error): void {
    if (this.#closeInfo !== undefined) return;
    this.#disarm();
    this.#closeInfo = this.#closeInfoOf(code, reason, cause);
    if (this.#closeInfo.error !== undefined) this.#held.length = 0;
    this.#tellSoon();
  }

  /** Says that it is over with this code, and waits for the peer to say so too. */
  #close(code: number): void {
    if (this.#ended || this.#closeInfo !== undefined) return;
    this.#ended = true;
    this.#wire.close(code);
    this.#awaitAnswer(CLOSE_WAIT_MS);
  }

  /** The wait begins when the close frame has left: until then the peer is reading what came before. */
  #awaitAnswer(leftMs: number): void {
    if (this.#closeInfo !== undefined) return;
    this.#disarm = webClock.wake(webClock.now() + CLOSE_STEP_MS, () => {
      if (this.#wire.buffered > 0) return this.#awaitAnswer(CLOSE_WAIT_MS);
      if (leftMs > CLOSE_STEP_MS) return this.#awaitAnswer(leftMs - CLOSE_STEP_MS);
      const is = `the peer did not answer the close within ${CLOSE_WAIT_MS} ms`;
      this.#failure ??= new LinkError("link-timeout", "timeout", `Closing ${this.#where} failed: ${is}.`);
      this.#wire.terminate(false); // what has left may still be read
    });
  }

  #refuse(code: number, is: string): void {
    this.#failure ??= this.#brokenOff(`${is}; it was closed with ${code}`);
    this.#held.length = 0;
    this.#wire.resume?.(); // the peer's answer is behind what is no longer wanted
    this.#close(code);
  }

  #brokenOff(is: string, cause?: Error): LinkError {
    return new LinkError("link-reset", "reset", `Talking to ${this.#where} failed: ${is}.`, { cause });
  }

  #closeInfoOf(code: number, reason: string, cause: Error | undefined): CloseInfo {
    if (this.#aborted) {
      return { code: "link-closed", reason: "given up by this side", error: abortedError(this.#where) };
    }
    if (this.#failure === undefined && CLEAN.has(code)) {
      return { code: "link-closed", reason: this.#ended ? "ended by both sides" : "ended by the peer" };
    }
    const error = this.#failure ?? this.#errorOf(code, reason, cause);
    return { code: error.code, reason: error.message, error };
  }

  #errorOf(code: number, reason: string, cause: Error | undefined): LinkError {
    if (code === ABNORMAL) {
      return linkError(cause ?? new Error("closed without a close frame"), "talking to", this.#where);
    }
    const said = reason === "" ? "" : `, saying ${JSON.stringify(reason)}`;
    return this.#brokenOff(`the peer closed with ${code}${said}`, cause);
  }

  #tellSoon(): void {
    queueMicrotask(() => this.#tell());
  }

  /** Tells what is owed, in order, as far as it may be told. A broken link holds nothing and tells nothing but that. */
  #tell(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#closeTold) return;
    while (this.#held.length > 0 && !this.#paused) {
      const message = this.#held.shift() as Uint8Array;
      this.#heldBytes -= message.length;
      sink.chunk(message);
    }
    const broken = this.#closeInfo?.error !== undefined;
    if (this.#paused && !broken) return;
    if (this.#closeInfo === undefined) {
      this.#wire.resume?.();
      return;
    }
    if (!this.#endTold && !broken) {
      this.#endTold = true;
      sink.end();
    }
    this.#closeTold = true;
    sink.closed(this.#closeInfo);
  }
}
