/**
 * All streams of one connection: begins them, moves them by the tables, writes their frames, and turns the peer's
 * frames into events. It knows nothing of stream 0, time or links.
 * RSocket 1.0, "Stream Sequences and Lifetimes", "Handling the Unexpected".
 *
 * @module
 */
import { type HeadraceError, PeerError, UsageError } from "../contract/errors.ts";
import type { Limits } from "../contract/limits.ts";
import { addCredit, isRequestN, MAX_REQUEST_N } from "../kit/credit.ts";
import { Slots } from "../kit/slots.ts";
import { errorText, isStreamCode, remoteError } from "./error-codes.ts";
import type { RSocketEvent } from "./event.ts";
import { MAX_FRAGMENT_BYTES, needsSplit, Reassembly, writeFragments } from "./fragments.ts";
import type { FrameView } from "./frame-view.ts";
import { ERROR_CODE, FLAG, FRAME_TYPE } from "./frame.ts";
import {
  INTERACTIONS,
  RECV_CANCEL,
  RECV_COMPLETE,
  RECV_ERROR,
  RECV_LAST_FRAGMENT,
  RECV_NEXT,
  RECV_REQUEST_N,
  SEND_CANCEL,
  SEND_COMPLETE,
  SEND_ERROR,
  SEND_NEXT,
  SEND_REQUEST_N,
} from "./lifecycle.ts";
import type { Lanes } from "./mapping.ts";
import { StreamIds } from "./stream-ids.ts";
import { Stream } from "./stream.ts";
import type { FrameWriter } from "./writer.ts";

const { REQUEST_RESPONSE, REQUEST_FNF, REQUEST_STREAM, REQUEST_CHANNEL } = FRAME_TYPE;
const PAYLOAD = FRAME_TYPE.PAYLOAD << 10;
const EMPTY = new Uint8Array(0);

/** What the streams need of their connection. */
export interface StreamsOptions<C> {
  readonly client: boolean;
  readonly limits: Limits;
  /** Largest frame to send, counted with prefix and header. 0 = as large as the protocol allows. */
  readonly fragmentBytes: number;
  readonly writer: FrameWriter<RSocketEvent<C>>;
  readonly lanes: Lanes<RSocketEvent<C>>;
  /** The time of the present input. Absent: unfinished payloads wait for ever. */
  readonly now?: () => number;
  /** The peer broke the rules on more than `maxBreaches` streams. Called once, after the answer on the last of them. */
  readonly tooMany?: () => void;
}

/** The streams of one connection. */
export class Streams<C> {
  /** True once no request of the peer is taken any more. */
  refusing = false;
  /** Fire-and-forget requests that found no place. */
  dropped = 0;
  readonly #own = new Slots<Stream<C>>();
  readonly #peer = new Slots<Stream<C>>();
  readonly #ids: StreamIds;
  readonly #ownParity: number;
  readonly #limits: Limits;
  readonly #fragmentBytes: number;
  readonly #writer: FrameWriter<RSocketEvent<C>>;
  readonly #lanes: Lanes<RSocketEvent<C>>;
  /** Which stream is on a lane other than 0. A lane of the peer stays here after its stream, until the peer ends it. */
  readonly #onLane = new Map<number, Stream<C> | undefined>();
  #held = 0;
  #reassembling = 0;
  /** Streams with an unfinished payload, and a time before which none of them has waited too long. */
  readonly #unfinished = new Set<Stream<C>>();
  #idleAt = Infinity;
  #breaches = 0;
  readonly #now: (() => number) | undefined;
  readonly #tooMany: (() => void) | undefined;

  constructor(options: StreamsOptions<C>, nextId?: number) {
    this.#ownParity = options.client ? 1 : 0;
    this.#ids = new StreamIds(options.client ? 1 : 2, nextId);
    this.#limits = options.limits;
    this.#fragmentBytes = options.fragmentBytes || MAX_FRAGMENT_BYTES;
    this.#writer = options.writer;
    this.#lanes = options.lanes;
    this.#now = options.now;
    this.#tooMany = options.tooMany;
  }

  // Getters

  /** When `expire` is due. */
  get deadline(): number {
    return this.#idleAt;
  }

  /** Streams that are open, of both sides. */
  get live(): number {
    return this.#own.size + this.#peer.size;
  }

  /** Bytes charged for payloads that are not whole yet. */
  get reassembling(): number {
    return this.#reassembling;
  }

  // Commands

  /** Begins a request and gives its stream id. */
  request(
    type: number,
    n: number,
    data: Uint8Array,
    metadata: Uint8Array | undefined,
    complete: boolean,
    context: C,
  ): number {
    const credited = type >= REQUEST_STREAM;
    if (credited) checkN(n);
    const id = this.#ids.take(this.#own);
    const lane = this.#lanes.open();
    const last = complete && type === REQUEST_CHANNEL ? FLAG.COMPLETE : 0;
    this.#write(lane, id, type << 10, credited ? n : -1, metadata, data, last);
    if (type === REQUEST_FNF) {
      this.#lanes.end(lane);
      return id;
    }
    const stream = new Stream(id, lane, type, "requester", context, false);
    stream.demand = credited ? n : 1;
    if (last !== 0) stream.step(SEND_COMPLETE);
    this.#own.add(stream);
    if (lane !== 0) this.#onLane.set(lane, stream);
    return id;
  }

  /** Attaches a context to a request of the peer. */
  attach(id: number, context: C): void {
    const stream = this.#find(id);
    if (stream !== undefined) stream.context = context;
  }

  /** Sends an item. False when the stream takes no items any more. Throws UsageError ("no-demand"). */
  payload(id: number, data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean): boolean {
    const stream = this.#find(id);
    if (stream === undefined) return false;
    if (!stream.step(SEND_NEXT)) return false;
    if (stream.credited && stream.credit-- === 0) {
      stream.credit = 0;
      throw new UsageError("no-demand", `Cannot send a payload on stream ${id}: the peer has asked for no more items`);
    }
    const last = complete || stream.closed ? FLAG.COMPLETE : 0;
    this.#write(stream.lane, id, PAYLOAD | FLAG.NEXT, -1, metadata, data, last);
    if (complete && !stream.closed) stream.step(SEND_COMPLETE);
    if (stream.closed) this.#remove(stream);
    return true;
  }

  /** Says that no more items come. */
  complete(id: number): void {
    const stream = this.#find(id);
    if (stream === undefined || !stream.step(SEND_COMPLETE)) return;
    this.#writer.frame(stream.lane, id, PAYLOAD | FLAG.COMPLETE, -1, undefined, EMPTY);
    if (stream.closed) this.#remove(stream);
  }

  /** Asks for `n` more items. Throws UsageError ("bad-argument"). */
  requestN(id: number, n: number): void {
    checkN(n);
    const stream = this.#find(id);
    if (stream === undefined || !stream.step(SEND_REQUEST_N)) return;
    stream.demand = addCredit(stream.demand, n);
    this.#writer.frame(stream.lane, id, FRAME_TYPE.REQUEST_N << 10, n, undefined, EMPTY);
  }

  /** Wants no more items. */
  cancel(id: number): void {
    const stream = this.#find(id);
    if (stream === undefined || !stream.step(SEND_CANCEL)) return;
    this.#writer.frame(stream.lane, id, FRAME_TYPE.CANCEL << 10, -1, undefined, EMPTY);
    if (stream.closed) this.#remove(stream);
    else this.#drop(stream);
  }

  /** Ends the stream with an error. Throws UsageError ("bad-argument") for a code that a stream cannot carry. */
  fail(id: number, code: number, message: string): void {
    if (!isStreamCode(code)) {
      throw new UsageError(
        "bad-argument",
        `Cannot send error code ${code}: use 0x201 to 0x204, or 0x301 to 0xFFFFFFFE`,
      );
    }
    const stream = this.#find(id);
    if (stream === undefined || !stream.step(SEND_ERROR)) return;
    this.#error(stream.lane, id, code, message);
    this.#remove(stream);
  }

  /** A handler outlives its stream: its place stays taken until `letGo`. */
  hold(): void {
    this.#held++;
  }

  /** A handler that was held has ended. */
  letGo(): void {
    this.#held--;
  }

  /** Ends all streams and gives the event of each that the application knows. */
  failAll(error: HeadraceError): RSocketEvent<C>[] {
    const all = [...this.#own.values(), ...this.#peer.values()];
    for (const stream of all) this.#remove(stream);
    return all.filter((stream) => !stream.assembling).map((stream) => failed(stream, error));
  }

  /** A lane ended or was reset before its stream did. Undefined when no stream was on it. */
  failLane(lane: number, error: HeadraceError): RSocketEvent<C> | undefined {
    const stream = this.#onLane.get(lane);
    if (stream !== undefined) this.#remove(stream);
    this.#onLane.delete(lane);
    return stream === undefined || stream.assembling ? undefined : failed(stream, error);
  }

  /** The peer reads no more of a lane. What owes it nothing more than it has, or still gets its answer, goes on. */
  stopLane(lane: number, error: HeadraceError): RSocketEvent<C> | undefined {
    const stream = this.#onLane.get(lane);
    if (stream === undefined || stream.type === REQUEST_FNF) return undefined;
    if (stream.type === REQUEST_RESPONSE && stream.role === "requester") return undefined;
    this.#remove(stream);
    return stream.assembling ? undefined : failed(stream, error);
  }

  // Inputs

  /** Ends the payloads whose next fragment did not come in time, and tells what the application hears of it. */
  expire(nowMs: number, tell: (event: RSocketEvent<C>) => void): void {
    if (nowMs < this.#idleAt) return;
    let nextAt = Infinity;
    let late = false;
    for (const stream of this.#unfinished) {
      const at = stream.partial!.touchedAt + this.#limits.reassemblyIdleMs;
      if (at > nowMs) nextAt = Math.min(nextAt, at);
      else {
        late = true;
        const event = this.#end(stream, "reassembly-idle", "the next fragment of a payload did not come in time");
        if (event !== undefined) tell(event);
      }
    }
    this.#idleAt = nextAt;
    if (late) this.#count(); // once: what stopped all of them may have been the network
  }

  /** Takes a frame with a stream id above 0. Undefined when the application has nothing to hear. */
  receive(view: FrameView, lane: number, owned: boolean): RSocketEvent<C> | undefined {
    switch (view.type) {
      case FRAME_TYPE.PAYLOAD:
        return this.#onPayload(view, owned);
      case FRAME_TYPE.REQUEST_N:
        return this.#onRequestN(view);
      case FRAME_TYPE.CANCEL:
        return this.#onCancel(view);
      case FRAME_TYPE.ERROR:
        return this.#onError(view);
      case FRAME_TYPE.REQUEST_RESPONSE:
      case FRAME_TYPE.REQUEST_FNF:
      case FRAME_TYPE.REQUEST_STREAM:
      case FRAME_TYPE.REQUEST_CHANNEL:
        return this.#onRequest(view, lane, owned);
      default:
        return undefined; // a connection frame on a stream means nothing
    }
  }

  #onPayload(view: FrameView, owned: boolean): RSocketEvent<C> | undefined {
    const stream = this.#find(view.streamId);
    if (stream === undefined) return undefined;
    const { flags } = view;
    const complete = (flags & FLAG.COMPLETE) !== 0;
    const follows = (flags & FLAG.FOLLOWS) !== 0 && !complete; // with C, F is ignored
    if (stream.partial !== undefined) return this.#onFragment(stream, view, follows, complete);
    if (follows) return this.#onFirstFragment(stream, view);
    // A PAYLOAD with no flag at all is what rsocket-py sends for an empty item.
    if (complete && (flags & FLAG.NEXT) === 0) return this.#onComplete(stream);
    if (view.payloadBytes > this.#limits.maxPayloadBytes && stream.may(RECV_NEXT)) return this.#overLimit(stream);
    return this.#onItem(stream, view.data(), view.metadata(), complete, owned);
  }

  #onItem(
    stream: Stream<C>,
    data: Uint8Array,
    metadata: Uint8Array | undefined,
    complete: boolean,
    owned: boolean,
  ): RSocketEvent<C> | undefined {
    if (!stream.step(RECV_NEXT)) return undefined;
    if (stream.demand === 0) return this.#demandExceeded(stream);
    stream.demand--;
    if (complete && !stream.closed) stream.step(RECV_COMPLETE);
    const last = complete || stream.closed;
    if (stream.closed) this.#remove(stream);
    return { type: "payload", id: stream.id, context: stream.context, data, metadata, complete: last, owned };
  }

  #onComplete(stream: Stream<C>): RSocketEvent<C> | undefined {
    if (!stream.step(RECV_COMPLETE)) return undefined;
    if (stream.closed) this.#remove(stream);
    return { type: "complete", id: stream.id, context: stream.context };
  }

  /** Nothing is put together of an item that would be ignored or refused once it is whole. */
  #onFirstFragment(stream: Stream<C>, view: FrameView): RSocketEvent<C> | undefined {
    if (!stream.may(RECV_NEXT)) return undefined;
    return stream.demand === 0 ? this.#demandExceeded(stream) : this.#onFragment(stream, view, true, false);
  }

  #onFragment(stream: Stream<C>, view: FrameView, follows: boolean, complete: boolean): RSocketEvent<C> | undefined {
    const partial = stream.partial ?? this.#assemble(stream);
    if (this.#now !== undefined) partial.touchedAt = this.#now();
    const before = partial.held;
    const inOrder = partial.add(view.metadata(), view.data());
    this.#reassembling += partial.held - before;
    if (!inOrder) return this.#break(stream, "fragment-invalid", "metadata came after data in a fragmented payload");
    const { maxPayloadBytes, maxFragmentsPerPayload, maxReassemblyBytes, maxTinyFragments } = this.#limits;
    if (follows && view.payloadBytes < this.#limits.tinyFragmentBytes) partial.tiny++;
    if (
      partial.size > maxPayloadBytes || partial.count > maxFragmentsPerPayload ||
      partial.tiny > maxTinyFragments || this.#reassembling > maxReassemblyBytes
    ) return this.#overLimit(stream);
    partial.complete ||= complete;
    if (follows) return undefined;
    this.#drop(stream);
    const data = partial.data();
    const metadata = partial.metadata();
    if (!stream.assembling) return this.#onItem(stream, data, metadata, partial.complete, true);
    stream.step(RECV_LAST_FRAGMENT);
    if (stream.closed) this.#remove(stream);
    return this.#begun(stream, data, metadata, partial.complete, true);
  }

  #onRequestN(view: FrameView): RSocketEvent<C> | undefined {
    const stream = this.#find(view.streamId);
    if (stream === undefined || !stream.step(RECV_REQUEST_N)) return undefined;
    if (view.word === 0) return this.#break(stream, "frame-malformed", "REQUEST_N asks for 0 items");
    stream.credit = addCredit(stream.credit, view.word);
    return { type: "requestN", id: stream.id, context: stream.context, n: view.word };
  }

  #onCancel(view: FrameView): RSocketEvent<C> | undefined {
    const stream = this.#find(view.streamId);
    if (stream === undefined) return undefined;
    const { assembling } = stream;
    if (!stream.step(RECV_CANCEL)) return undefined;
    if (stream.closed) this.#remove(stream);
    return assembling ? undefined : { type: "cancel", id: stream.id, context: stream.context };
  }

  #onError(view: FrameView): RSocketEvent<C> | undefined {
    const stream = this.#find(view.streamId);
    if (stream === undefined) return undefined;
    const { assembling } = stream;
    if (!stream.step(RECV_ERROR)) return undefined;
    this.#remove(stream);
    return assembling ? undefined : failed(stream, remoteError(view.word, view.data(), this.#limits.maxErrorBytes));
  }

  #onRequest(
    view: FrameView,
    lane: number,
    owned: boolean,
  ): RSocketEvent<C> | undefined {
    const id = view.streamId;
    if (this.#find(id) !== undefined) return undefined; // a request on a live id is ignored
    if (lane !== 0 && !this.#mayBegin(lane)) return undefined;
    const refusal = this.#refusal(view);
    if (refusal !== undefined) {
      if (view.type !== REQUEST_FNF) this.#error(lane, id, refusal.code, refusal.text);
      else if (refusal.code === ERROR_CODE.REJECTED) this.dropped++;
      this.#lanes.end(lane);
      if (refusal.breach === true) this.#count();
      return undefined;
    }
    const follows = (view.flags & FLAG.FOLLOWS) !== 0;
    const complete = (view.flags & FLAG.COMPLETE) !== 0;
    const stream = new Stream<C>(id, lane, view.type, "responder", undefined as C, follows);
    if (stream.credited) stream.credit = view.word;
    if (follows || view.type !== REQUEST_FNF) {
      this.#peer.add(stream);
      if (lane !== 0) this.#onLane.set(lane, stream);
    } else this.#lanes.end(lane);
    if (follows) return this.#onFragment(stream, view, true, complete);
    return this.#begun(stream, view.data(), view.metadata(), complete, owned);
  }

  #refusal(view: FrameView): { code: number; text: string; breach?: boolean } | undefined {
    if ((view.streamId & 1) === this.#ownParity) {
      return { code: ERROR_CODE.INVALID, text: `stream id ${view.streamId} is one of the other side's` };
    }
    if (this.refusing) return { code: ERROR_CODE.REJECTED, text: "the connection is closing" };
    if (this.#peer.size + this.#held >= this.#limits.maxConcurrentStreams) {
      return { code: ERROR_CODE.REJECTED, text: "too many concurrent streams" };
    }
    if (view.type >= REQUEST_STREAM && view.word === 0) {
      return { code: ERROR_CODE.INVALID, text: "the initial request n is 0" };
    }
    if (view.payloadBytes > this.#limits.maxPayloadBytes) {
      return { code: ERROR_CODE.INVALID, text: "the payload is too large", breach: true };
    }
    return undefined;
  }

  /** The whole request is here. */
  #begun(
    stream: Stream<C>,
    data: Uint8Array,
    metadata: Uint8Array | undefined,
    complete: boolean,
    owned: boolean,
  ): RSocketEvent<C> {
    const { id, type } = stream;
    const channelDone = complete && type === REQUEST_CHANNEL;
    const interaction = INTERACTIONS[type]!;
    if (channelDone) stream.step(RECV_COMPLETE);
    return { type: "request", interaction, id, n: stream.credit, data, metadata, complete: channelDone, owned };
  }

  /** A lane carries one request of the side that opened it, ever: its peer's. Lanes of this side are even. */
  #mayBegin(lane: number): boolean {
    if ((lane & 1) === 0 || this.#onLane.has(lane)) return false;
    this.#onLane.set(lane, undefined);
    return true;
  }

  #demandExceeded(stream: Stream<C>): RSocketEvent<C> | undefined {
    return this.#break(stream, "demand-exceeded", "more items came than were asked for");
  }

  #overLimit(stream: Stream<C>): RSocketEvent<C> | undefined {
    return this.#break(stream, "payload-over-limit", "the payload is too large");
  }

  /** The peer broke the protocol on this stream: end it, and count it. */
  #break(stream: Stream<C>, code: Breach, text: string): RSocketEvent<C> | undefined {
    const event = this.#end(stream, code, text);
    this.#count();
    return event;
  }

  #count(): void {
    if (++this.#breaches === this.#limits.maxBreaches + 1) this.#tooMany?.();
  }

  /** Ends a stream for a breach of the peer: tells the peer, and gives what the application hears. */
  #end(stream: Stream<C>, code: Breach, text: string): RSocketEvent<C> | undefined {
    const { id, lane } = stream;
    const { assembling } = stream;
    if (stream.type === REQUEST_FNF) {
      // Nothing ever answers a fire-and-forget, not even an error.
    } else if (stream.role === "responder" || stream.type === REQUEST_CHANNEL) {
      this.#error(lane, id, ERROR_CODE.INVALID, text);
    } else {
      this.#writer.frame(lane, id, FRAME_TYPE.CANCEL << 10, -1, undefined, EMPTY);
    }
    this.#remove(stream);
    if (assembling) return undefined;
    return failed(stream, new PeerError(code, `Cannot go on with stream ${id}: ${text}`));
  }

  // Parts

  #find(id: number): Stream<C> | undefined {
    return (id & 1) === this.#ownParity ? this.#own.get(id) : this.#peer.get(id);
  }

  #remove(stream: Stream<C>): void {
    this.#drop(stream);
    if ((stream.id & 1) === this.#ownParity) this.#own.remove(stream);
    else if (this.#peer.get(stream.id) === stream) this.#peer.remove(stream);
    if (stream.lane === 0) return;
    if ((stream.lane & 1) === 0) this.#onLane.delete(stream.lane);
    else this.#onLane.set(stream.lane, undefined);
    this.#lanes.end(stream.lane);
  }

  #assemble(stream: Stream<C>): Reassembly {
    if (this.#now !== undefined && this.#unfinished.size === 0) {
      this.#idleAt = this.#now() + this.#limits.reassemblyIdleMs;
    }
    this.#unfinished.add(stream);
    return stream.partial = new Reassembly();
  }

  /** Forgets the payload that was coming. */
  #drop(stream: Stream<C>): void {
    if (stream.partial === undefined) return;
    this.#reassembling -= stream.partial.held;
    stream.partial = undefined;
    this.#unfinished.delete(stream);
    if (this.#unfinished.size === 0) this.#idleAt = Infinity;
  }

  #error(lane: number, id: number, code: number, message: string): void {
    const text = errorText(message, this.#limits.maxErrorBytes);
    this.#writer.frame(lane, id, FRAME_TYPE.ERROR << 10, code, undefined, text);
  }

  #write(
    lane: number,
    id: number,
    typeAndFlags: number,
    word: number,
    metadata: Uint8Array | undefined,
    data: Uint8Array,
    last: number,
  ): void {
    const size = this.#fragmentBytes;
    if (needsSplit(size, word < 0 ? 0 : 4, metadata === undefined ? -1 : metadata.length, data.length)) {
      writeFragments(this.#writer, size, lane, id, typeAndFlags, word, metadata, data, last);
      return;
    }
    const flags = metadata === undefined ? last : last | FLAG.METADATA;
    this.#writer.frame(lane, id, typeAndFlags | flags, word, metadata, data);
  }
}

/** How a peer can break the rules on one stream. */
type Breach = "demand-exceeded" | "fragment-invalid" | "frame-malformed" | "payload-over-limit" | "reassembly-idle";

function checkN(n: number): void {
  if (isRequestN(n)) return;
  throw new UsageError("bad-argument", `Cannot request ${n} items: it must be an integer from 1 to ${MAX_REQUEST_N}`);
}

function failed<C>(stream: Stream<C>, error: HeadraceError): RSocketEvent<C> {
  return { type: "error", id: stream.id, context: stream.context, error };
}
