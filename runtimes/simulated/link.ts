/**
 * A simulated link: two pipes, or one for a unidirectional stream, and how it ends. It never touches bytes.
 *
 * How an end is told, in `CloseInfo.code`: "closed" after both sides ended, "aborted" after this side's own `abort`,
 * "link-reset" after a cut, "link-closed" when the session around a stream was closed. When the peer aborts a stream of
 * a session, `code` is its application code in decimal ("0" for none), which no other end looks like; on a link that is
 * no stream it is "link-reset". All but "closed" and "aborted" come with a LinkError.
 *
 * @module
 */
import type { CloseInfo, Link, LinkInfo, LinkSink } from "../../src/contract/link.ts";
import { Pipe } from "./pipe.ts";
import { type Direction, opposite, resetInfo, type Wire, type WireEnd } from "./wire.ts";

/** What a link is made with. */
export interface LinkParts {
  readonly wire: Wire;
  /** "" for the link of a connection, "/s0", "/s1", … for a stream. */
  readonly name: string;
  readonly kind: Link["kind"];
  readonly info: LinkInfo;
  /** The way in which this end sends. */
  readonly outgoing: Direction;
  /** Absent: both. */
  readonly only?: "sends" | "receives";
  /** Called once when the link is gone. */
  readonly gone: (link: SimulatedLink) => void;
  /** Makes the peer's application hear of the stream, when it has not yet. */
  readonly announce?: (link: SimulatedLink) => void;
}

/** One end of a simulated link. */
export class SimulatedLink implements Link, WireEnd {
  readonly kind: Link["kind"];
  readonly info: LinkInfo;
  readonly incoming: Direction;
  readonly #parts: LinkParts;
  readonly #out: Pipe | undefined;
  #in: Pipe | undefined;
  #peer: SimulatedLink | undefined;
  #sink: LinkSink | undefined;
  #sentAll: boolean;
  #receivedAll: boolean;
  #closing: CloseInfo | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.kind = parts.kind;
    this.info = parts.info;
    this.incoming = opposite(parts.outgoing);
    this.#sentAll = parts.only === "receives";
    this.#receivedAll = parts.only === "sends";
    if (parts.only === "receives") return;
    this.#out = new Pipe(parts.wire, parts.name, parts.outgoing, parts.kind, {
      drain: () => this.#sink?.drain(),
      left: () => {
        this.#sentAll = true;
        this.#closeWhenDone();
      },
      first: (at) => this.#announcePeer(at),
    });
  }

  /** Joins two ends. */
  static join(near: SimulatedLink, far: SimulatedLink): void {
    near.#peer = far;
    far.#peer = near;
    near.#in = far.#out;
    far.#in = near.#out;
  }

  get buffered(): number {
    return this.#out?.buffered ?? 0;
  }

  get horizon(): number {
    return this.#in?.lastArrival ?? 0;
  }

  get deliverable(): boolean {
    return this.#closing === undefined && this.#in?.deliverable === true;
  }

  start(sink: LinkSink): void {
    if (this.#sink !== undefined) throw new Error("Cannot start the link: it was started before");
    this.#sink = sink;
    if (this.#closing !== undefined) return this.#tellClosed(this.#closing);
    this.#in?.start({
      chunk: (borrowed) => sink.chunk(borrowed),
      end: () => {
        this.#receivedAll = true;
        sink.end();
        this.#closeWhenDone();
      },
    });
  }

  /** The receiving end of a unidirectional stream drops what it is given. */
  send(owned: Uint8Array): boolean {
    return this.#out?.send(owned) ?? false;
  }

  pause(): void {
    this.#in?.pause();
  }

  resume(): void {
    this.#in?.resume();
  }

  end(): void {
    this.#out?.end();
  }

  abort(code: number = 0): void {
    if (this.#closing !== undefined) return;
    const { wire, name, outgoing } = this.#parts;
    wire.record(name, `${outgoing} abort ${code}`);
    if (!wire.broken) this.#resetPeer(code, wire.losesTail());
    this.finish({ code: "aborted", reason: "This side gave the link up" });
  }

  silence(lostTail: boolean): void {
    this.#out?.silence(lostTail);
  }

  /** The link is gone. What it sent and what is under way still arrives. */
  finish(info: CloseInfo): void {
    if (this.#closing !== undefined) return;
    this.#closing = info;
    this.#parts.wire.record(this.#parts.name, `${this.#parts.outgoing} end closed ${info.code}`);
    this.#out?.silence(false);
    this.#in?.deafen();
    if (this.#sink !== undefined) this.#tellClosed(info);
    this.#parts.gone(this);
  }

  #tellClosed(info: CloseInfo): void {
    const { clock } = this.#parts.wire;
    clock.wake(clock.now(), () => this.#sink?.closed(info));
  }

  #closeWhenDone(): void {
    if (this.#sentAll && this.#receivedAll) this.finish({ code: "closed", reason: "" });
  }

  #announcePeer(at: number): void {
    const { wire, outgoing } = this.#parts;
    const peer = this.#peer;
    if (peer !== undefined && peer.#parts.announce !== undefined) wire.arrive(outgoing, at, () => peer.#announce());
  }

  #announce(): void {
    if (this.#closing === undefined) this.#parts.announce?.(this);
  }

  #resetPeer(code: number, lostTail: boolean): void {
    const { wire, outgoing } = this.#parts;
    const peer = this.#peer;
    this.silence(lostTail);
    const earliest = lostTail ? 0 : this.#out?.lastArrival ?? 0;
    const at = wire.arrival(outgoing, 0, wire.random, earliest);
    if (peer !== undefined) wire.arrive(outgoing, at, () => peer.#receiveReset(code));
  }

  /** After a reset that keeps its tail, what has arrived is delivered first. */
  #receiveReset(code: number): void {
    const { wire, name } = this.#parts;
    this.#announce();
    if (this.deliverable) {
      wire.clock.wake(wire.clock.now(), () => this.#receiveReset(code));
      return;
    }
    const ofStream = name !== "";
    const info = resetInfo(ofStream ? String(code) : "link-reset", `The peer gave the link up (code ${code})`);
    this.finish(ofStream ? { ...info, resetCode: code } : info);
  }
}

/** What both ends of a link share. */
export type PairParts = Pick<LinkParts, "wire" | "name" | "kind">;

/** The one link of a connection, as its two ends: the dialler's and the listener's. */
export function linkPair(parts: PairParts, near: LinkInfo, far: LinkInfo): [SimulatedLink, SimulatedLink] {
  const gone = (link: SimulatedLink) => parts.wire.leave(link);
  const ends: [SimulatedLink, SimulatedLink] = [
    new SimulatedLink({ ...parts, info: near, outgoing: "up", gone }),
    new SimulatedLink({ ...parts, info: far, outgoing: "down", gone }),
  ];
  SimulatedLink.join(...ends);
  for (const end of ends) parts.wire.attach(end);
  return ends;
}
