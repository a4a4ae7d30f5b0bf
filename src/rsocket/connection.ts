/**
 * One RSocket connection as a machine, in both roles: stream 0, time, lanes and the order of outputs. Streams above 0
 * are in streams.ts. It never awaits, never reads a clock, and nothing a peer sends makes it throw.
 * RSocket 1.0.
 *
 * @module
 */
import { type HeadraceError, LinkError, PeerError, type RemoteError, UsageError } from "../contract/errors.ts";
import type { Limits } from "../contract/limits.ts";
import type { CloseInfo } from "../contract/link.ts";
import type { Machine, Output } from "../contract/machine.ts";
import type { SlabPool } from "../contract/runtime.ts";
import { isFault } from "../bytes/fault.ts";
import { slabPool } from "../bytes/slabs.ts";
import { limitsOf } from "../kit/limits.ts";
import { Outbox } from "../kit/outbox.ts";
import { frameOf } from "./decode.ts";
import { encodeFrame } from "./encode.ts";
import { errorText, isSetupCode, remoteError } from "./error-codes.ts";
import type { RSocketEvent } from "./event.ts";
import { isFragmentBytes, MAX_FRAGMENT_BYTES, MIN_FRAGMENT_BYTES } from "./fragments.ts";
import type { FrameSource } from "./frame-source.ts";
import { MessageFrames } from "./frame-source.ts";
import { FrameView, VIEW_FAULTS } from "./frame-view.ts";
import {
  ERROR_CODE,
  FLAG,
  FRAME_TYPE,
  HEADER_BYTES,
  type KeepaliveFrame,
  MAX_FRAME_BYTES,
  type SetupFrame,
} from "./frame.ts";
import { Greeting } from "./greeting.ts";
import { Keepalive } from "./keepalive.ts";
import { LengthPrefix } from "./length-prefix.ts";
import { CONNECTION_TABLE, type ConnectionEvent, type ConnectionState } from "./lifecycle.ts";
import { Lanes, type Mapping } from "./mapping.ts";
import { setupFrame, type SetupOptions, setupRefusal } from "./setup.ts";
import { Streams } from "./streams.ts";
import { FrameWriter, type Framing } from "./writer.ts";

/** How a connection begins. */
export interface ConnectionOptions {
  /** Who sends SETUP: the client. */
  readonly role: "client" | "server";
  /** "prefixed" on byte links, "message" where one message is one frame. */
  readonly framing: Framing;
  /** How requests are laid on the lanes of a session. "single" by default. */
  readonly mapping?: Mapping;
  /** What a client says in SETUP. */
  readonly setup?: SetupOptions;
  /** Largest fragment to send, at least 64 bytes. Absent: only what does not fit one frame is fragmented. */
  readonly fragmentBytes?: number;
  /** Bounds on the peer; what is absent is as in DEFAULT_LIMITS. */
  readonly limits?: Partial<Limits>;
  /** Memory to write into. Absent: a pool of its own. */
  readonly slabs?: SlabPool;
  /** A server that asks for signs of life too, this often. Absent: it only answers. */
  readonly serverKeepAliveMs?: number;
}

/**
 * An RSocket connection without I/O. `C` is what the application attaches to each stream.
 *
 * Its methods are of four kinds: getters; inputs from link and clock; commands from the application; the output.
 * After each input or command, poll until `undefined`.
 *
 * ```js
 * import { RSocketConnection } from "headrace/rsocket/protocol";
 * const client = new RSocketConnection({ role: "client", framing: "prefixed" }, 0);
 * client.requestResponse(new Uint8Array([1]), undefined, "my context");
 * client.poll(); // { type: "send", lane: 0, bytes: SETUP and REQUEST_RESPONSE }
 * client.poll(); // undefined
 * ```
 */
export class RSocketConnection<C = unknown> implements Machine<RSocketEvent<C>> {
  readonly #client: boolean;
  readonly #limits: Limits;
  readonly #out: Outbox<RSocketEvent<C>>;
  readonly #writer: FrameWriter<RSocketEvent<C>>;
  readonly #streams: Streams<C>;
  readonly #framing: Framing;
  readonly #main: FrameSource;
  readonly #serverKeepAliveMs: number;
  readonly #view = new FrameView();
  /** Lanes of a session besides lane 0, and those of them with unread input. */
  #lanes: Map<number, Lane> | undefined;
  readonly #unread = new Set<number>();
  #greeting: Greeting | undefined = new Greeting();
  #state: ConnectionState;
  #keepalive: Keepalive | undefined;
  #setup: SetupFrame | undefined;
  /** When waiting ends: for SETUP, or for live streams while closing. */
  #giveUpAt = Infinity;
  #established = false;
  #lifetimeMs = Infinity;
  #congested = false;
  /** The answer to a KEEPALIVE that waits for the link. */
  #owed: Uint8Array | undefined;
  #paused = false;
  /** Reading was held back since the last tick. */
  #wasPaused = false;
  #now: number;
  #closeInfo: CloseInfo = BY_THIS_SIDE;

  /** Begins. A client's SETUP is written at once. Throws UsageError ("bad-argument"). */
  constructor(options: ConnectionOptions, nowMs: number) {
    const fragmentBytes = options.fragmentBytes ?? 0;
    if (options.fragmentBytes !== undefined && !isFragmentBytes(fragmentBytes)) {
      const range = `an integer from ${MIN_FRAGMENT_BYTES} to ${MAX_FRAGMENT_BYTES}`;
      throw new UsageError("bad-argument", `Cannot use fragmentBytes ${fragmentBytes}: it must be ${range}`);
    }
    this.#client = options.role === "client";
    this.#limits = limitsOf(options.limits);
    this.#framing = options.framing;
    this.#serverKeepAliveMs = options.serverKeepAliveMs ?? Infinity;
    this.#now = nowMs;
    this.#main = this.#source();
    this.#out = new Outbox(options.slabs ?? slabPool(1));
    this.#writer = new FrameWriter(this.#out, options.framing);
    this.#streams = new Streams({
      client: this.#client,
      limits: this.#limits,
      fragmentBytes,
      writer: this.#writer,
      lanes: new Lanes(options.mapping ?? "single", this.#out),
      now: () => this.#now,
      tooMany: () =>
        this.#violate("too-many-breaches", `it broke the rules on ${this.#limits.maxBreaches + 1} streams`),
    });
    this.#state = this.#client ? "open" : "awaitingSetup";
    if (this.#client) this.#begin(setupFrame(options.setup ?? {}));
    else this.#giveUpAt = nowMs + this.#limits.setupTimeoutMs;
  }

  // Getters

  get deadline(): number {
    if (this.#state === "closed") return Infinity;
    const keepalive = this.#keepalive === undefined ? Infinity : this.#keepalive.deadline;
    const waiting = keepalive < this.#giveUpAt ? keepalive : this.#giveUpAt;
    const idle = this.#streams.deadline;
    return waiting < idle ? waiting : idle;
  }

  get ready(): number {
    return this.#out.ready;
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Streams that are open, of both sides. */
  get liveStreams(): number {
    return this.#streams.live;
  }

  /** Fire-and-forget requests that were dropped over `maxConcurrentStreams`. Nothing answers them. */
  get dropped(): number {
    return this.#streams.dropped;
  }

  /** What the client said; undefined on a server before SETUP came. */
  get setup(): SetupFrame | undefined {
    return this.#setup;
  }

  /** How long the peer may be silent: what SETUP said, within the limits of a server. */
  get lifetimeMs(): number {
    return this.#lifetimeMs;
  }

  /** Bytes of stream frames sent so far, without length prefixes. "Resuming Operation": position. */
  get sentPosition(): number {
    return this.#writer.position;
  }

  /** Bytes of stream frames received so far, likewise. */
  receivedPosition = 0;

  // Inputs

  receive(chunk: Uint8Array, nowMs: number, lane: number = 0): void {
    if (this.#state === "closed") return;
    this.#now = nowMs;
    this.#keepalive?.heard(nowMs);
    if (lane === 0) {
      this.#greeting?.look(chunk);
      this.#main.push(chunk);
      return;
    }
    this.#lane(lane).source.push(chunk);
    this.#unread.add(lane);
  }

  receiveEnd(nowMs: number, lane: number = 0, error?: Error): void {
    if (this.#state === "closed") return;
    this.#now = nowMs;
    if (lane !== 0) return this.#laneEnded(lane);
    const reason = error?.message ?? "the peer ended the connection";
    if (this.#state === "closing" && this.#streams.live === 0) return this.#finish(this.#closeInfo, undefined);
    const lost = error instanceof LinkError
      ? error
      : new LinkError("link-closed", "closed", `The connection ended: ${reason}`, { cause: error });
    const clean = error === undefined && this.#streams.live === 0 && this.#state !== "deciding";
    // What the peer said before counts for more than that its link ended behind it.
    const info = this.#closeInfo === BY_THIS_SIDE ? { code: lost.code, reason: lost.message } : this.#closeInfo;
    this.#step("linkEnded");
    this.#finish(clean ? info : { ...info, error: lost }, lost);
  }

  receiveReset(code: number, nowMs: number, lane: number): void {
    this.#now = nowMs;
    if (this.#state !== "closed") this.#laneLost(lane, `was reset with code ${code}`);
  }

  receiveStop(code: number, nowMs: number, lane: number): void {
    this.#now = nowMs;
    if (this.#state === "closed") return;
    const error = new LinkError("link-reset", "reset", `The peer stopped the stream of this request with code ${code}`);
    const event = this.#streams.stopLane(lane, error);
    if (event !== undefined) this.#out.push({ type: "event", event });
    this.#settle();
  }

  tick(nowMs: number): void {
    if (this.#state === "closed") return;
    this.#now = nowMs;
    if (nowMs >= this.#giveUpAt) return this.#giveUp();
    if (nowMs >= this.#streams.deadline) {
      this.#streams.expire(nowMs, this.#tell);
      this.#settle();
    }
    const keepalive = this.#keepalive;
    if (keepalive === undefined || this.state === "closed") return;
    // While this side holds back reading, silence says nothing about the peer.
    if (this.#wasPaused) {
      keepalive.heard(nowMs);
      this.#wasPaused = this.#paused;
    }
    const silentMs = keepalive.silence(nowMs);
    if (silentMs > 0) return this.#keepaliveLost(silentMs);
    if (keepalive.send(nowMs)) this.#sendKeepalive(true, EMPTY);
  }

  released(): void {
    this.#out.released();
  }

  // Commands

  /** Asks for one item. Gives the stream id. Throws UsageError when no request can begin now. */
  requestResponse(data: Uint8Array, metadata: Uint8Array | undefined, context: C): number {
    this.#checkOpen("request");
    return this.#streams.request(FRAME_TYPE.REQUEST_RESPONSE, 0, data, metadata, true, context);
  }

  /** Asks for a stream of which `n` items may come at first. */
  requestStream(data: Uint8Array, metadata: Uint8Array | undefined, n: number, context: C): number {
    this.#checkOpen("request");
    return this.#streams.request(FRAME_TYPE.REQUEST_STREAM, n, data, metadata, true, context);
  }

  /** Begins a channel with its first item. `complete`: there are no more from this side. */
  requestChannel(
    data: Uint8Array,
    metadata: Uint8Array | undefined,
    n: number,
    complete: boolean,
    context: C,
  ): number {
    this.#checkOpen("request");
    return this.#streams.request(FRAME_TYPE.REQUEST_CHANNEL, n, data, metadata, complete, context);
  }

  /** Sends what nobody answers. */
  fireAndForget(data: Uint8Array, metadata: Uint8Array | undefined): number {
    this.#checkOpen("request");
    return this.#streams.request(FRAME_TYPE.REQUEST_FNF, 0, data, metadata, true, undefined as C);
  }

  /** Sends metadata about the connection. RSocket 1.0, "METADATA_PUSH Frame". */
  metadataPush(metadata: Uint8Array): void {
    this.#checkOpen("push metadata");
    if (metadata.length > MAX_FRAME_BYTES - HEADER_BYTES) {
      throw new UsageError(
        "payload-too-large",
        `Cannot push ${metadata.length} bytes: METADATA_PUSH is never fragmented`,
      );
    }
    this.#writer.frame(0, 0, (FRAME_TYPE.METADATA_PUSH << 10) | FLAG.METADATA, -1, undefined, metadata);
  }

  /** Sends an item on a stream. False when the stream takes none any more. Throws UsageError ("no-demand"). */
  payload(id: number, data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean): boolean {
    const sent = this.#streams.payload(id, data, metadata, complete);
    this.#settle();
    return sent;
  }

  /** Says that no more items come on a stream. */
  complete(id: number): void {
    this.#streams.complete(id);
    this.#settle();
  }

  /** Asks for `n` more items. */
  requestN(id: number, n: number): void {
    this.#streams.requestN(id, n);
  }

  /** Wants no more items of a stream. */
  cancel(id: number): void {
    this.#streams.cancel(id);
    this.#settle();
  }

  /** Ends a stream with an error code (0x201 to 0x204, or 0x301 and above) and a text the peer will read. */
  fail(id: number, code: number, message: string): void {
    this.#streams.fail(id, code, message);
    this.#settle();
  }

  /** Attaches a context to a stream that the peer began. */
  attach(id: number, context: C): void {
    this.#streams.attach(id, context);
  }

  /**
   * The link takes no more for now, or does again. Meanwhile one answer to a KEEPALIVE waits at most, the latest, so
   * that a peer that asks and does not read makes this side hold nothing.
   */
  congested(on: boolean): void {
    this.#congested = on;
    const owed = this.#owed;
    if (on || owed === undefined) return;
    this.#owed = undefined;
    if (this.#state !== "closed") this.#sendKeepalive(false, owed);
  }

  /** A handler outlives its stream: it goes on counting against `maxConcurrentStreams` until `letGo`. */
  hold(): void {
    this.#streams.hold();
  }

  /** A handler that was held has ended. */
  letGo(): void {
    this.#streams.letGo();
  }

  /** Server: takes the client. Requests that waited are handled now. */
  accept(): void {
    if (this.#state !== "deciding") return;
    this.#step("accept");
    this.#giveUpAt = Infinity;
    this.#established = true;
    this.#pause(false);
    this.#resumeLanes();
  }

  /** Server: refuses the client with REJECTED_SETUP and closes. Nothing it sent behind SETUP is handled. */
  reject(message: string, code: number = ERROR_CODE.REJECTED_SETUP): void {
    if (this.#state !== "deciding") return;
    this.#step("reject");
    this.#errorOnZero(code, message);
    this.#finish({ code: "rejected-setup", reason: message }, undefined);
  }

  /**
   * Closes in order: CONNECTION_CLOSE, then the link once no stream is live, or after `drainMs` at the latest.
   * RSocket 1.0, "Error Codes": CONNECTION_CLOSE.
   */
  close(nowMs: number, drainMs: number = 0, message: string = "closing"): void {
    if (this.#state === "closed") return;
    this.#now = nowMs;
    if (this.#state !== "closing") this.#errorOnZero(ERROR_CODE.CONNECTION_CLOSE, message);
    this.#step("sendClose");
    if (this.state === "closed") return this.#finish(this.#closeInfo, undefined); // nothing was begun yet
    this.#streams.refusing = true;
    this.#giveUpAt = nowMs + drainMs;
    if (drainMs <= 0) this.#giveUp();
    else this.#settle();
  }

  /** Closes at once. The peer reads CONNECTION_ERROR with `text`, and every live stream ends with `error`. */
  abort(error: HeadraceError, text: string = error.message): void {
    if (this.#state === "closed") return;
    this.#errorOnZero(ERROR_CODE.CONNECTION_ERROR, text);
    this.#step("fail");
    this.#finish({ code: error.code, reason: error.message, error }, error);
  }

  // Output

  poll(): Output<RSocketEvent<C>> | undefined {
    for (;;) {
      if (this.#out.sealed) return this.#out.shift();
      if (this.#state === "closed") return undefined;
      if (this.#state === "deciding") {
        this.#hold();
        break;
      }
      const event = this.#nextEvent();
      if (event === undefined) break;
      if (event !== SILENT) {
        return { type: "event", event };
      }
    }
    this.#out.seal();
    return this.#out.shift();
  }

  /** Reads frames until one means something: its event, SILENT when there may be more, undefined at the end. */
  #nextEvent(): RSocketEvent<C> | typeof SILENT | undefined {
    if (this.#client && this.#greeting?.answersElse) {
      return this.#violate("frame-malformed", "it speaks another protocol");
    }
    const result = this.#readLane(0, this.#main);
    if (result !== undefined || this.#unread.size === 0) return result;
    // The first request of a lane may overtake SETUP, which is on another.
    if (this.#state === "awaitingSetup") return this.#holdLanes();
    for (const number of this.#unread) {
      const lane = this.#lane(number);
      const event = this.#readLane(number, lane.source);
      if (event !== undefined) return event;
      this.#unread.delete(number);
      if (!lane.ended) continue;
      this.#laneLost(number, "ended");
      return SILENT;
    }
    return undefined;
  }

  #readLane(lane: number, source: FrameSource): RSocketEvent<C> | typeof SILENT | undefined {
    const view = this.#view;
    const found = source.next(this.#maxFrame());
    if (found === 0) {
      view.release();
      return undefined;
    }
    if (found < 0) return this.#tooLarge();
    const fault = view.read(source.bytes, source.at, source.end);
    if (fault !== 0) return this.#faulty(view, fault);
    if (this.#client && this.#greeting !== undefined) this.#greeting = undefined;
    if (view.streamId !== 0 && this.#state !== "awaitingSetup") {
      this.#established = true;
      if (isCounted(view.type)) this.receivedPosition += source.end - source.at;
      if (view.type === FRAME_TYPE.EXT) return this.#unknown(view, "extension") ?? SILENT;
      const event = this.#streams.receive(view, lane, source.owned);
      if (this.#state === "closing") this.#settle();
      return event ?? SILENT;
    }
    if (lane !== 0) return SILENT; // connection frames belong on lane 0
    return this.#onZero(view) ?? SILENT;
  }

  // Stream 0

  #onZero(view: FrameView): RSocketEvent<C> | undefined {
    if (this.#state === "awaitingSetup") return this.#onFirst(view);
    switch (view.type) {
      case FRAME_TYPE.KEEPALIVE:
        return this.#onKeepalive(view);
      case FRAME_TYPE.ERROR:
        return this.#onError(view);
      case FRAME_TYPE.METADATA_PUSH:
        this.#established = true;
        return { type: "metadataPush", metadata: view.metadata()! };
      case FRAME_TYPE.REQUEST_RESPONSE:
      case FRAME_TYPE.REQUEST_FNF:
      case FRAME_TYPE.REQUEST_STREAM:
      case FRAME_TYPE.REQUEST_CHANNEL:
        return this.#violate("frame-malformed", "a request came on stream 0");
      case FRAME_TYPE.RESUME:
        return this.#client ? undefined : this.#violate("frame-malformed", "RESUME came after SETUP");
      case FRAME_TYPE.EXT:
        return this.#unknown(view, "extension");
      case FRAME_TYPE.LEASE:
        this.#established = true; // nobody asked for it, but it says that the server took the client
        return undefined;
      default:
        // A second SETUP, CANCEL, PAYLOAD and REQUEST_N on 0, RESUME_OK nobody asked for: ignored.
        return undefined;
    }
  }

  /** "Connection Establishment": the client's first frame is SETUP or RESUME on stream 0. */
  #onFirst(view: FrameView): RSocketEvent<C> | undefined {
    if (view.type === FRAME_TYPE.RESUME && view.streamId === 0) {
      return this.#refuseSetup(ERROR_CODE.REJECTED_RESUME, "resume is not supported");
    }
    if (view.type !== FRAME_TYPE.SETUP || view.streamId !== 0) {
      return this.#refuseSetup(ERROR_CODE.INVALID_SETUP, "the first frame must be SETUP on stream 0");
    }
    const setup = frameOf(view) as SetupFrame;
    if (isFault(setup)) return this.#refuseSetup(ERROR_CODE.INVALID_SETUP, `SETUP cannot be decoded (${setup.fault})`);
    const refusal = setupRefusal(setup, this.#limits);
    if (refusal !== undefined) return this.#refuseSetup(refusal.code, refusal.text);
    this.#greeting = undefined;
    this.#setup = owned(setup);
    this.#step("recvSetup");
    this.#giveUpAt = this.#now + this.#limits.setupTimeoutMs;
    const { minLifetimeMs, maxLifetimeMs } = this.#limits;
    this.#lifetimeMs = Math.min(Math.max(setup.lifetimeMs, minLifetimeMs), maxLifetimeMs);
    this.#keepalive = new Keepalive(this.#serverKeepAliveMs, this.#lifetimeMs, this.#now);
    return { type: "setup", setup: this.#setup };
  }

  #refuseSetup(code: number, text: string): undefined {
    this.#errorOnZero(code, text);
    const error = this.#greeting?.error() ??
      new PeerError(
        code === ERROR_CODE.INVALID_SETUP ? "setup-invalid" : "setup-unsupported",
        `Cannot accept: ${text}`,
      );
    this.#step("fail");
    this.#finish({ code: error.code, reason: error.message, error }, error);
  }

  #onKeepalive(view: FrameView): undefined {
    const frame = frameOf(view) as KeepaliveFrame;
    if (isFault(frame)) return this.#violate("frame-malformed", "KEEPALIVE is too short");
    if (!frame.respond) return;
    if (frame.data.length > this.#limits.maxKeepaliveBytes) {
      return this.#violate("keepalive-too-large", `KEEPALIVE carries ${frame.data.length} bytes`);
    }
    if (this.#congested) this.#owed = frame.data.slice();
    else this.#sendKeepalive(false, frame.data);
  }

  #onError(view: FrameView): RSocketEvent<C> | undefined {
    const setupCode = isSetupCode(view.word);
    // "Handling the Unexpected": setup errors are ignored by a server, which reads only once it has
    // accepted, and by a client that was accepted.
    if (setupCode && this.#established) return undefined;
    const error = remoteError(view.word, view.data(), this.#limits.maxErrorBytes);
    if (view.word === ERROR_CODE.CONNECTION_CLOSE) this.#peerCloses(error);
    else {
      this.#step("fail");
      this.#finish({ code: error.code, reason: error.message, error }, error);
    }
    // The application hears of it before its streams end.
    return { type: "connectionError", error };
  }

  #peerCloses(error: RemoteError): void {
    this.#step("recvClose");
    this.#streams.refusing = true;
    this.#closeInfo = { code: error.code, reason: error.message };
    this.#settle();
  }

  #unknown(view: FrameView, what: string): undefined {
    if ((view.flags & FLAG.IGNORE) !== 0) return;
    return this.#violate("frame-unknown", `an unknown ${what} (type 0x${view.type.toString(16)}) may not be ignored`);
  }

  #faulty(view: FrameView, fault: number): typeof SILENT {
    const name = VIEW_FAULTS[fault]!;
    if (this.#state === "awaitingSetup") this.#refuseSetup(ERROR_CODE.INVALID_SETUP, `the first frame is ${name}`);
    else if (name === "unknown-type") this.#unknown(view, "frame");
    // "Metadata Optional Header": a frame that may be ignored is skipped, others end the connection.
    else if ((view.flags & FLAG.IGNORE) === 0) this.#violate("frame-malformed", `a frame cannot be decoded (${name})`);
    return SILENT;
  }

  #tooLarge(): typeof SILENT {
    const text = `a frame is larger than ${this.#maxFrame()} bytes`;
    if (this.#state === "awaitingSetup") this.#refuseSetup(ERROR_CODE.INVALID_SETUP, text);
    else this.#violate("frame-too-large", text);
    return SILENT;
  }

  /** The peer broke the protocol: tell it, and close. */
  #violate(
    code: "frame-malformed" | "frame-unknown" | "frame-too-large" | "keepalive-too-large" | "too-many-breaches",
    text: string,
  ): undefined {
    const stranger = this.#greeting?.error();
    this.#errorOnZero(ERROR_CODE.CONNECTION_ERROR, stranger === undefined ? text : "this is not RSocket");
    const error = stranger ?? new PeerError(code, `Cannot go on with the connection: ${text}`);
    this.#step("fail");
    this.#finish({ code: error.code, reason: error.message, error }, error);
  }

  // Time

  #giveUp(): void {
    if (this.#state === "closing") {
      const error = new LinkError("link-closed", "closed", "The connection was closed before the stream ended");
      this.#step("drained");
      return this.#finish(this.#closeInfo, error);
    }
    const what = this.#state === "deciding" ? "onSetup did not answer" : "no SETUP came";
    const message = `Cannot accept: ${what} within ${this.#limits.setupTimeoutMs} ms`;
    const error = new PeerError("setup-timeout", message);
    this.#errorOnZero(this.#state === "deciding" ? ERROR_CODE.REJECTED_SETUP : ERROR_CODE.INVALID_SETUP, message);
    this.#step("fail");
    this.#finish({ code: error.code, reason: error.message, error }, error);
  }

  #keepaliveLost(silentMs: number): void {
    const error = new PeerError(
      "keepalive-timeout",
      `The peer was silent for ${Math.round(silentMs)} ms; the lifetime of SETUP is ${this.#lifetimeMs} ms`,
    );
    this.#errorOnZero(ERROR_CODE.CONNECTION_ERROR, error.message);
    this.#out.push({ type: "event", event: { type: "keepaliveTimeout", silentMs, error } });
    this.#step("fail");
    this.#finish({ code: error.code, reason: error.message, error }, error);
  }

  // Parts

  readonly #tell = (event: RSocketEvent<C>): void => this.#out.push({ type: "event", event });

  #begin(setup: SetupFrame): void {
    this.#setup = setup;
    this.#lifetimeMs = setup.lifetimeMs;
    this.#keepalive = new Keepalive(setup.keepaliveMs, setup.lifetimeMs, this.#now);
    this.#writer.whole(0, encodeFrame(setup));
  }

  #sendKeepalive(respond: boolean, data: Uint8Array): void {
    const frame: KeepaliveFrame = { type: "KEEPALIVE", streamId: 0, respond, position: 0n, data };
    this.#writer.whole(0, encodeFrame(frame));
  }

  #errorOnZero(code: number, message: string): void {
    const text = errorText(message, this.#limits.maxErrorBytes);
    this.#writer.frame(0, 0, FRAME_TYPE.ERROR << 10, code, undefined, text);
  }

  #checkOpen(what: string): void {
    if (this.#state === "open") return;
    const code = this.#state === "closing" ? "closing" : this.#state === "closed" ? "not-connected" : "wrong-state";
    throw new UsageError(code, `Cannot ${what}: the connection is ${this.#state}`);
  }

  /** While closing: ends the link once no stream is live. */
  #settle(): void {
    if (this.#state !== "closing" || this.#streams.live > 0) return;
    this.#step("drained");
    this.#finish(this.#closeInfo, undefined);
  }

  /** The last outputs: an event for every stream that was live, then the close. */
  #finish(info: CloseInfo, error: HeadraceError | undefined): void {
    const cause = error ?? new LinkError("link-closed", "closed", info.reason);
    for (const event of this.#streams.failAll(cause)) this.#out.push({ type: "event", event });
    this.#out.push({ type: "close", info });
    this.#state = "closed";
    this.#owed = undefined;
    this.#lanes = undefined;
    this.#unread.clear();
  }

  #step(event: ConnectionEvent): void {
    this.#state = CONNECTION_TABLE[this.#state][event] ?? this.#state;
  }

  #laneEnded(number: number): void {
    if (this.#unread.has(number)) this.#lane(number).ended = true;
    else this.#laneLost(number, "ended");
  }

  #laneLost(lane: number, how: string): void {
    const error = new LinkError("link-reset", "reset", `The stream of this request ${how} before it was complete`);
    const event = this.#streams.failLane(lane, error);
    if (event !== undefined) this.#out.push({ type: "event", event });
    this.#lanes?.delete(lane);
    this.#unread.delete(lane);
    this.#settle();
  }

  /** Keeps input that must wait for `accept`, and stops the link. */
  #hold(): void {
    this.#main.keep();
    this.#holdLanes();
    this.#pause(true);
  }

  #holdLanes(): undefined {
    for (const number of this.#unread) {
      const lane = this.#lane(number);
      lane.source.keep();
      if (!lane.paused) this.#out.push({ type: "pause", lane: number });
      lane.paused = true;
    }
  }

  #pause(paused: boolean): void {
    if (this.#paused === paused) return;
    this.#paused = paused;
    this.#wasPaused = true;
    this.#out.push({ type: paused ? "pause" : "resume", lane: 0 });
  }

  #resumeLanes(): void {
    for (const [number, lane] of this.#lanes ?? []) {
      if (lane.paused) this.#out.push({ type: "resume", lane: number });
      lane.paused = false;
    }
  }

  #maxFrame(): number {
    if (this.#state !== "awaitingSetup") return this.#limits.maxFrameBytes;
    return Math.min(this.#limits.maxFrameBytes, this.#limits.maxSetupBytes);
  }

  #lane(number: number): Lane {
    this.#lanes ??= new Map();
    let lane = this.#lanes.get(number);
    if (lane === undefined) this.#lanes.set(number, lane = { source: this.#source(), ended: false, paused: false });
    return lane;
  }

  #source(): FrameSource {
    return this.#framing === "prefixed" ? new LengthPrefix() : new MessageFrames();
  }
}

/** A lane of a session besides lane 0. */
interface Lane {
  readonly source: FrameSource;
  /** The peer ended it while its input waited. */
  ended: boolean;
  paused: boolean;
}

const EMPTY = new Uint8Array(0);
const BY_THIS_SIDE: CloseInfo = { code: "closed", reason: "closed by this side" };
/** A frame was read and the application has nothing to hear of it. */
const SILENT: unique symbol = Symbol("silent");

/** Frames that positions count: requests, REQUEST_N, CANCEL, PAYLOAD and ERROR. "Resuming Operation". */
function isCounted(type: number): boolean {
  return type >= FRAME_TYPE.REQUEST_RESPONSE && type <= FRAME_TYPE.ERROR;
}

/** The setup with bytes of its own. */
function owned(setup: SetupFrame): SetupFrame {
  return {
    ...setup,
    data: setup.data.slice(),
    ...(setup.metadata === undefined ? {} : { metadata: setup.metadata.slice() }),
  };
}
