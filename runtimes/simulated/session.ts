/**
 * A simulated session: streams and datagrams over one wire, as QUIC and WebTransport have them. It never lets one
 * stream wait for another.
 *
 * As in QUIC, the peer hears of a stream with its first bytes, its end or its abort, or with those of a later stream, not
 * when it is opened; and when a
 * session is closed, what has not arrived when the news does is lost. A close by either side is told to both as
 * `{ code, reason }` with the application's code in decimal and no error; a cut is told with the code "link-reset" and
 * a LinkError.
 *
 * @module
 */
import { LinkError } from "../../src/contract/errors.ts";
import type { CloseInfo, Link, LinkInfo, Session, SessionSink } from "../../src/contract/link.ts";
import { lend } from "./lend.ts";
import { SimulatedLink } from "./link.ts";
import type { Random } from "./random.ts";
import { hashBytes } from "./trace.ts";
import { type Direction, opposite, type Wire, type WireEnd } from "./wire.ts";

/** Datagrams of one side that are under way at once; more are dropped. */
const MOST_DATAGRAMS = 64;
/** Most bytes of a reason. */
const MOST_REASON = 1_024;

/** One end of a simulated session. */
export class SimulatedSession implements Session, WireEnd {
  readonly kind = "session";
  readonly info: LinkInfo;
  readonly incoming: Direction;
  readonly #wire: Wire;
  readonly #outgoing: Direction;
  readonly #random: Random;
  readonly #streams = new Set<SimulatedLink>();
  readonly #announced = new WeakSet<SimulatedLink>();
  /** Streams of the peer that this side has not heard of, in the order they were opened. */
  readonly #unannounced: { readonly link: SimulatedLink; readonly unidirectional: boolean }[] = [];
  /** What came before `start`. */
  #unheard: (() => void)[] = [];
  #opened = 0;
  #datagramsUnderWay = 0;
  #peer: SimulatedSession | undefined;
  #sink: SessionSink | undefined;
  #closing: CloseInfo | undefined;

  constructor(wire: Wire, outgoing: Direction, info: LinkInfo) {
    this.#wire = wire;
    this.#outgoing = outgoing;
    this.incoming = opposite(outgoing);
    this.info = info;
    this.#random = wire.random.fork(`session ${outgoing}`);
  }

  /** Joins two ends. */
  static join(near: SimulatedSession, far: SimulatedSession): void {
    near.#peer = far;
    far.#peer = near;
  }

  get maxDatagramBytes(): number {
    return this.#wire.shape.maxDatagramBytes;
  }

  get horizon(): number {
    let last = 0;
    for (const stream of this.#streams) last = Math.max(last, stream.horizon);
    return last;
  }

  get deliverable(): boolean {
    for (const stream of this.#streams) if (stream.deliverable) return true;
    return false;
  }

  start(sink: SessionSink): void {
    if (this.#sink !== undefined) throw new Error("Cannot start the session: it was started before");
    this.#sink = sink;
    for (const tell of this.#unheard) this.#soon(tell);
    this.#unheard = [];
  }

  open(options: { unidirectional?: boolean } = {}): Promise<Link> {
    const peer = this.#peer;
    if (peer === undefined || this.#closing !== undefined || this.#wire.broken) {
      return Promise.reject(new LinkError("link-closed", "closed", "Cannot open a stream: the session is gone"));
    }
    const name = `/${this.#outgoing}${this.#opened++}`;
    const oneWay = options.unidirectional === true;
    const near = this.#stream(name, oneWay ? "sends" : undefined);
    const far = peer.#stream(name, oneWay ? "receives" : undefined);
    SimulatedLink.join(near, far);
    peer.#unannounced.push({ link: far, unidirectional: oneWay });
    this.#announced.add(near);
    this.#wire.record(name, `opened${oneWay ? " one way" : ""}`);
    return Promise.resolve(near);
  }

  sendDatagram(bytes: Uint8Array): boolean {
    const { datagramLossChance, datagramRepeatChance, maxDatagramBytes } = this.#wire.shape;
    if (this.#closing !== undefined || this.#wire.broken) return false;
    if (bytes.length > maxDatagramBytes || maxDatagramBytes === 0 || this.#datagramsUnderWay >= MOST_DATAGRAMS) {
      return false;
    }
    const lost = this.#random.chance(datagramLossChance);
    const repeated = this.#random.chance(datagramRepeatChance);
    const copy = bytes.slice();
    if (!lost) this.#launchDatagram(copy);
    if (!lost && repeated) this.#launchDatagram(copy);
    return true;
  }

  close(code: number = 0, reason: string = ""): void {
    if (this.#closing !== undefined) return;
    const info = { code: String(code), reason: cutReason(reason), resetCode: code };
    this.#wire.record("", `${this.#outgoing} close ${info.code} ${info.reason}`);
    if (!this.#wire.broken) {
      const at = this.#wire.arrival(this.#outgoing, 0, this.#random);
      this.#wire.arrive(this.#outgoing, at, () => this.#peer?.finish(info));
    }
    this.finish(info);
  }

  silence(lostTail: boolean): void {
    for (const stream of this.#streams) stream.silence(lostTail);
  }

  /** The session is gone: first its streams, each of which leaves the set, then itself. */
  finish(info: CloseInfo): void {
    if (this.#closing !== undefined) return;
    this.#closing = info;
    this.#wire.record("", `${this.#outgoing} end closed ${info.code}`);
    const { error = new LinkError("link-closed", "closed", "The session of the stream was closed") } = info;
    const code = info.error === undefined ? "link-closed" : info.code;
    for (const stream of this.#streams) stream.finish({ code, reason: info.reason, error });
    this.#hear(() => this.#sink?.closed(info));
    this.#wire.leave(this);
  }

  #stream(name: string, only: "sends" | "receives" | undefined): SimulatedLink {
    const stream = new SimulatedLink({
      wire: this.#wire,
      name,
      kind: "bytes",
      info: this.info,
      outgoing: this.#outgoing,
      ...(only === undefined ? {} : { only }),
      gone: (link) => this.#streams.delete(link),
      announce: (link) => this.#announce(link),
    });
    this.#streams.add(stream);
    return stream;
  }

  /** Once for each stream that the peer opened, in the order it opened them: one that is heard of opens all before it. */
  #announce(link: SimulatedLink): void {
    while (!this.#announced.has(link) && this.#closing === undefined) {
      const next = this.#unannounced.shift();
      if (next === undefined) return;
      this.#announced.add(next.link);
      this.#tell(next.link, next.unidirectional);
    }
  }

  #tell(link: SimulatedLink, unidirectional: boolean): void {
    if (this.#sink === undefined) this.#unheard.push(() => this.#sink?.stream(link, unidirectional));
    else this.#sink.stream(link, unidirectional);
  }

  #launchDatagram(copy: Uint8Array): void {
    const wire = this.#wire;
    const peer = this.#peer;
    const at = wire.arrival(this.#outgoing, copy.length, this.#random);
    this.#datagramsUnderWay += 1;
    wire.arrive(this.#outgoing, at, () => {
      this.#datagramsUnderWay -= 1;
      if (!wire.broken && peer !== undefined) peer.#receiveDatagram(copy);
    });
  }

  #receiveDatagram(bytes: Uint8Array): void {
    const sink = this.#sink;
    if (sink === undefined || this.#closing !== undefined) return;
    this.#wire.record("", `${this.incoming} datagram ${bytes.length} ${hashBytes(bytes)}`);
    lend(this.#random, bytes.length, (into) => into.set(bytes), (borrowed) => sink.datagram(borrowed));
  }

  #hear(tell: () => void): void {
    if (this.#sink === undefined) this.#unheard.push(tell);
    else this.#soon(tell);
  }

  #soon(run: () => void): void {
    this.#wire.clock.wake(this.#wire.clock.now(), run);
  }
}

/** A session as its two ends: the dialler's and the listener's. */
export function sessionPair(wire: Wire, near: LinkInfo, far: LinkInfo): [SimulatedSession, SimulatedSession] {
  const ends: [SimulatedSession, SimulatedSession] = [
    new SimulatedSession(wire, "up", near),
    new SimulatedSession(wire, "down", far),
  ];
  SimulatedSession.join(...ends);
  for (const end of ends) wire.attach(end);
  return ends;
}

/** At most 1,024 bytes of UTF-8, cut between characters. */
function cutReason(reason: string): string {
  const bytes = new Uint8Array(MOST_REASON);
  const { read } = new TextEncoder().encodeInto(reason, bytes);
  return reason.slice(0, read);
}
