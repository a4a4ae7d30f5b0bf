// What a peer may rely on: every byte that the machine gives to the link is a legal frame, legal in its place. It models
// streams as the wire shows them and knows nothing of the machine.
import { isFault } from "../../src/bytes/fault.ts";
import { decodeFrame } from "../../src/rsocket/decode.ts";
import { encodeFrame } from "../../src/rsocket/encode.ts";
import type { Frame } from "../../src/rsocket/frame.ts";
import type { Interaction } from "../../src/rsocket/lifecycle.ts";
import type { EventLaws } from "./event-laws.ts";
import { hold, sameBytes } from "./target.ts";

interface Wire {
  readonly own: boolean;
  readonly interaction: Interaction;
  /** F was set on the last frame. */
  following: boolean;
  /** Nothing more is sent in this direction; nothing more at all. */
  complete: boolean;
  over: boolean;
  items: number;
}

const INTERACTION: Readonly<Record<string, Interaction>> = {
  REQUEST_RESPONSE: "response",
  REQUEST_FNF: "fnf",
  REQUEST_STREAM: "stream",
  REQUEST_CHANNEL: "channel",
};

/** What bounds the frames. */
export interface EmissionOptions {
  readonly client: boolean;
  readonly fragmentBytes: number;
  readonly maxKeepaliveBytes: number;
  readonly maxErrorBytes: number;
  /** Items that the peer has asked for on a stream since it began. */
  readonly granted: (id: number) => number;
}

/** The model. */
export class EmissionLaws {
  /** Bytes of stream frames, without prefixes. */
  position = 0;
  frames = 0;
  readonly #options: EmissionOptions;
  readonly #streams = new Map<number, Wire>();
  /** Request frames of the peer per id: each may be answered with one ERROR, whatever it was. */
  readonly #refusable = new Map<number, number>();
  /** Ids of the peer on which it sent several requests: what is sent there may belong to any of them. */
  readonly #reused = new Set<number>();
  #lastId: number;

  constructor(options: EmissionOptions) {
    this.#options = options;
    this.#lastId = options.client ? -1 : 0;
  }

  /** The peer sent a request frame on an id, well formed or not. */
  requested(id: number): void {
    const before = this.#refusable.get(id);
    this.#refusable.set(id, (before ?? 0) + 1);
    if (before !== undefined && (id & 1) !== (this.#options.client ? 1 : 0)) this.#reused.add(id);
  }

  /** True when the peer sent several requests on an id of its own. */
  isReused(id: number): boolean {
    return this.#reused.has(id);
  }

  /** The application heard of a request. */
  begun(id: number, interaction: Interaction): void {
    this.#streams.set(id, { own: false, interaction, following: false, complete: false, over: false, items: 0 });
  }

  /** One frame, without its prefix. */
  frame(bytes: Uint8Array): void {
    this.frames++;
    const frame = decodeFrame(bytes);
    hold(!isFault(frame), "sent what is no frame");
    if (isFault(frame)) return;
    hold(sameBytes(encodeFrame(frame), bytes), "sent flags that mean nothing", () => frame.type);
    hold(frame.ignore === undefined, "sent a frame that may be ignored", () => frame.type);
    if (frame.streamId === 0) return this.#onZero(frame);
    this.position += bytes.length;
    hold(frame.type === "ERROR" || bytes.length + 3 <= this.#options.fragmentBytes, "sent more than a fragment");
    if (frame.type in INTERACTION) return this.#request(frame);
    const stream = this.#streams.get(frame.streamId);
    if (this.#reused.has(frame.streamId)) return this.#onReused(frame);
    if (stream === undefined || stream.over) return this.#refusal(frame);
    if (stream.following) hold(["PAYLOAD", "CANCEL", "ERROR"].includes(frame.type), "broke a payload apart");
    this.#onStream(frame, stream);
  }

  #onZero(frame: Frame): void {
    switch (frame.type) {
      case "SETUP":
        return hold(this.#options.client && this.frames === 1, "sent SETUP where it means nothing");
      case "KEEPALIVE":
        return hold(frame.data.length <= this.#options.maxKeepaliveBytes, "echoed more than its limit");
      case "ERROR": {
        const isSetup = frame.code >= 1 && frame.code <= 4;
        hold((isSetup && !this.#options.client) || frame.code === 0x101 || frame.code === 0x102, "a code not for 0");
        return hold(frame.data.length <= this.#options.maxErrorBytes, "sent a text over its limit");
      }
      default:
        hold(frame.type === "METADATA_PUSH", "sent a stream's frame on 0", () => frame.type);
    }
  }

  #request(frame: Frame): void {
    const id = frame.streamId;
    hold(id === this.#lastId + 2, "a request with an id out of order");
    this.#lastId = id;
    hold(!("requestN" in frame) || frame.requestN > 0, "asked for nothing");
    const interaction = INTERACTION[frame.type]!;
    const complete = interaction !== "channel" || ("complete" in frame && frame.complete);
    const following = "follows" in frame && frame.follows;
    this.#streams.set(id, { own: true, interaction, following, complete, over: false, items: 0 });
  }

  /** Nothing lives there: only a request that was refused, or broke before anybody heard of it, is answered. */
  #refusal(frame: Frame): void {
    hold(frame.type === "ERROR", "sent a frame on a stream that is over", () => `${frame.type} ${frame.streamId}`);
    const left = this.#refusable.get(frame.streamId) ?? 0;
    hold(left > 0, "ended a stream twice");
    this.#refusable.set(frame.streamId, left - 1);
    if (frame.type === "ERROR") hold(frame.code === 0x202 || frame.code === 0x204, "refused with another code");
  }

  #onReused(frame: Frame): void {
    hold(["PAYLOAD", "REQUEST_N", "CANCEL", "ERROR"].includes(frame.type), "sent a frame that no responder sends");
    if (frame.type !== "ERROR") return;
    const left = this.#refusable.get(frame.streamId) ?? 0;
    hold(left > 0, "ended a stream twice");
    this.#refusable.set(frame.streamId, left - 1);
  }

  #onStream(frame: Frame, stream: Wire): void {
    switch (frame.type) {
      case "PAYLOAD":
        return this.#payload(frame, stream);
      case "REQUEST_N":
        hold(stream.interaction === "channel" || (stream.own && stream.interaction === "stream"), "asked a requester");
        return hold(frame.requestN > 0, "asked for nothing");
      case "CANCEL":
        hold(stream.own ? stream.interaction !== "fnf" : stream.interaction === "channel", "cancelled a requester");
        stream.over = stream.own;
        return;
      case "ERROR":
        hold((frame.code >= 0x201 && frame.code <= 0x204) || frame.code >= 0x301, "a code not for streams");
        hold(frame.data.length <= this.#options.maxErrorBytes, "sent a text over its limit");
        return this.#error(frame.streamId, stream);
      default:
        hold(false, "sent a frame of the connection on a stream", () => frame.type);
    }
  }

  /** The id of an own stream may be refused, to a peer that takes it for its own. That does not end the stream. */
  #error(id: number, stream: Wire): void {
    const left = this.#refusable.get(id) ?? 0;
    if (stream.own && left > 0) return void this.#refusable.set(id, left - 1);
    hold(!stream.own || stream.interaction === "channel", "a requester's error");
    this.#end(id, stream);
  }

  /** Over for good. The request that began it can be refused no more. */
  #end(id: number, stream: Wire): void {
    stream.over = true;
    if (!stream.own) this.#refusable.set(id, (this.#refusable.get(id) ?? 1) - 1);
  }

  #payload(frame: Frame & { readonly type: "PAYLOAD" }, stream: Wire): void {
    hold(!stream.complete || stream.following, "sent after its own end");
    hold(!stream.own || stream.interaction === "channel" || stream.following, "a requester's item");
    hold(frame.next || frame.complete, "sent a payload that says nothing");
    hold(!(frame.follows && frame.complete), "sent an end that goes on");
    if (!stream.following && frame.next) {
      stream.items++;
      const granted = stream.interaction === "response" ? 1 : this.#options.granted(frame.streamId);
      hold(stream.items <= granted, "sent more than was asked for");
    }
    stream.following = frame.follows;
    if (frame.complete) stream.complete = true;
    if (frame.complete && !stream.own && stream.interaction !== "channel") this.#end(frame.streamId, stream);
    if (stream.interaction === "response" && !frame.follows) hold(stream.complete, "a response that is not the last");
  }
}

/** Counts what the peer has granted, per stream, from events alone. */
export class Grants {
  readonly #granted = new Map<number, number>();

  set(id: number, n: number): void {
    this.#granted.set(id, n);
  }

  add(id: number, n: number): void {
    this.#granted.set(id, (this.#granted.get(id) ?? 0) + n);
  }

  get(id: number): number {
    return this.#granted.get(id) ?? 0;
  }
}

/** Live streams as the machine counts them must be those the application knows, and requests in pieces. */
export function holdLive(laws: EventLaws, liveStreams: number, inPieces: number): void {
  hold(liveStreams >= laws.live, "forgot a live stream", () => `${liveStreams} of ${laws.live}`);
  hold(liveStreams <= laws.live + inPieces, "keeps a stream that is over", () => `${liveStreams}, not ${laws.live}`);
}
