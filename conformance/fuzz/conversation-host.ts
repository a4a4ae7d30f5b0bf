// Plays a program against one machine as a host would, and holds it to every law after each step. It keeps to the law
// itself: it delivers no lane that is not there, nothing after its end, and takes back what it lent.
import { LinkError } from "../../src/contract/errors.ts";
import type { Limits } from "../../src/contract/limits.ts";
import type { Output } from "../../src/contract/machine.ts";
import { limitsOf } from "../../src/kit/limits.ts";
import type { ConnectionOptions } from "../../src/rsocket/connection.ts";
import type { RSocketEvent } from "../../src/rsocket/event.ts";
import { Application, type Machine } from "./conversation-application.ts";
import { hostilePool, type Lane, newLane } from "./conversation-link.ts";
import { type Manner, STEP, type Step } from "./conversation-program.ts";
import { EmissionLaws, Grants, holdLive } from "./emission-laws.ts";
import { EventLaws } from "./event-laws.ts";
import { hashOf, type Random } from "./random.ts";
import { hold, sameBytes } from "./target.ts";

/** Makes a machine; a planted one stands in its place. */
export type MakeMachine = (options: ConnectionOptions, nowMs: number) => Machine;

const MAX_POLLS = 100_000;
const MAX_FRAGMENT = 0xff_ffff + 3;

/** One machine, its application and its link. */
export class Host {
  readonly machine: Machine;
  readonly laws: EventLaws = new EventLaws();
  readonly wire: EmissionLaws;
  /** Everything the application heard, and what the link was told but for bytes, in order. */
  heard: number = 0x811c_9dc5;
  events = 0;
  closed: { readonly code: string; readonly error: boolean } | undefined;
  received = 0;
  readonly #application: Application;
  readonly #manner: Manner;
  readonly #cut: Random | undefined;
  readonly #lanes = new Map<number, Lane>();
  readonly #limits: Limits;
  readonly #owned: [view: Uint8Array, copy: Uint8Array][] = [];
  #opened = 0;
  /** Ids of requests whose pieces may still be coming: the application knows nothing of them. */
  readonly #inPieces = new Set<number>();
  #now = 0;

  /** `cut` says where chunks are cut; without it they stay whole. */
  constructor(make: MakeMachine, manner: Manner, cut: Random | undefined) {
    this.#manner = manner;
    this.#cut = cut;
    this.#limits = limitsOf(manner.options.limits);
    this.machine = make({ ...manner.options, slabs: hostilePool() }, 0);
    const grants = new Grants();
    this.wire = new EmissionLaws({
      client: manner.options.role === "client",
      fragmentBytes: manner.options.fragmentBytes ?? MAX_FRAGMENT,
      maxKeepaliveBytes: this.#limits.maxKeepaliveBytes,
      maxErrorBytes: this.#limits.maxErrorBytes,
      granted: (id) => grants.get(id),
    });
    this.#application = new Application(this.machine, manner, this.laws, this.wire, grants);
    this.#drain();
  }

  /** What was sent on each lane. */
  get sent(): string {
    return [...this.#lanes].toSorted(([a], [b]) => a - b).map(([number, lane]) => `${number}:${lane.sentHash}`).join();
  }

  /** One step of the program, and what it sets free. */
  step(step: Step): void {
    this.#step(step);
    this.#flow();
  }

  #step({ op, where, bytes }: Step): void {
    switch (op) {
      case STEP.RAW:
      case STEP.FRAME:
        return this.#deliver(where, op === STEP.FRAME ? this.#wired(bytes) : bytes);
      case STEP.TICK:
        this.#now += (bytes[0] ?? 0) * 256 + (bytes[1] ?? 1);
        this.machine.tick(this.#now);
        return this.#drain();
      case STEP.COMMAND:
        this.#application.does(where, bytes, this.#now);
        return this.#drain();
      default:
        this.#laneStep(op, where, bytes[0] ?? 0);
    }
  }

  /** Ends the conversation in one of three ways, and demands that nothing is left. */
  finish(how: number): void {
    if (how === 0) this.machine.close(this.#now, 10);
    else if (how === 1) this.machine.receiveEnd(this.#now, 0);
    else this.machine.receiveEnd(this.#now, 0, new LinkError("link-reset", "reset", "the link broke"));
    this.#drain();
    for (let ticks = 0; this.closed === undefined; ticks++) {
      hold(ticks < 10 && this.machine.deadline < Infinity, "never closes");
      this.#now = Math.max(this.#now, this.machine.deadline);
      this.machine.tick(this.#now);
      this.#drain();
    }
    hold(this.machine.state === "closed" && this.machine.deadline === Infinity, "is closed and waits");
    hold(this.machine.liveStreams === 0, "keeps streams after close");
    hold(this.laws.live === 0, "left a stream without an end", () => this.laws.ids.join());
    for (const [view, copy] of this.#owned) hold(sameBytes(view, copy), "wrote into bytes it gave away");
    this.#afterClose();
  }

  /** A closed machine says nothing and does nothing. */
  #afterClose(): void {
    const { machine } = this;
    machine.receive(Uint8Array.of(0, 0, 6, 0, 0, 0, 1, 0x24, 0), this.#now, 0);
    machine.receiveEnd(this.#now, 0);
    machine.tick(this.#now + 1e6);
    machine.close(this.#now);
    machine.cancel(1);
    machine.released();
    hold(machine.poll() === undefined && machine.ready === 0, "speaks after close");
  }

  #wired(frame: Uint8Array): Uint8Array {
    if (this.#manner.options.framing === "message") return frame;
    const bytes = new Uint8Array(frame.length + 3);
    bytes.set([frame.length >>> 16, frame.length >>> 8, frame.length]);
    bytes.set(frame, 3);
    return bytes;
  }

  /** The number of a lane that can be there: the link, one of the peer's, or one that the machine has opened. */
  #place(where: number): number {
    if (this.#manner.options.mapping !== "stream-per-request") return 0;
    return where % 2 === 1 || where <= this.#opened ? where : 0;
  }

  #deliver(where: number, bytes: Uint8Array): void {
    const number = this.#place(where);
    const lane = this.#lane(number);
    if (lane.ended) return;
    this.received += bytes.length;
    this.#watch(lane, bytes);
    this.#whenFlowing(lane, () => {
      const isCut = this.#cut !== undefined && this.#manner.options.framing === "prefixed";
      for (let at = 0; at < bytes.length || at === 0;) {
        // At most a few hundred pieces, or long chunks take all the time.
        const least = 1 + (bytes.length >>> 8);
        const count = isCut ? least + this.#cut.below(this.#cut.chance(2) ? 3 : 40) : bytes.length + 1;
        const chunk = bytes.slice(at, at + count);
        at += count;
        this.machine.receive(chunk, this.#now, number);
        this.#drain();
        chunk.fill(0xdd);
      }
    });
  }

  /** Counts the requests in the input, which bound what may be refused. */
  #watch(lane: Lane, bytes: Uint8Array): void {
    const look = (frame: Uint8Array): void => {
      const type = (frame[4] ?? 0) >> 2;
      if (type < 4 || type > 7 || frame.length < 6) return;
      const id = ((frame[0]! & 0x7f) << 24) | (frame[1]! << 16) | (frame[2]! << 8) | frame[3]!;
      this.wire.requested(id);
      if ((frame[5]! & 0x80) !== 0) this.#inPieces.add(id);
    };
    if (this.#manner.options.framing === "message") look(bytes);
    else lane.received.push(bytes, look);
  }

  #laneStep(op: number, where: number, code: number): void {
    const number = this.#place(where);
    const lane = this.#lane(number);
    if (number === 0) {
      if (op !== STEP.END || where !== 0 || lane.ended) return;
      this.#whenFlowing(lane, () => {
        lane.ended = true;
        this.machine.receiveEnd(this.#now, 0);
        this.#drain();
      });
      return;
    }
    if (op === STEP.STOP) {
      if (lane.stopped) return;
      lane.stopped = true;
      this.machine.receiveStop(code, this.#now, number);
      return this.#drain();
    }
    if (lane.ended) return;
    lane.ended = true;
    this.#whenFlowing(lane, () => {
      if (op === STEP.END) this.machine.receiveEnd(this.#now, number);
      else this.machine.receiveReset(code, this.#now, number);
      this.#drain();
    });
  }

  #whenFlowing(lane: Lane, deliver: () => void): void {
    if ((lane.paused && !this.#manner.ignoresPause) || lane.waiting.length > 0) lane.waiting.push(deliver);
    else deliver();
  }

  /** Takes everything the machine has to say, then looks at it. */
  #drain(): void {
    for (let polls = 0;; polls++) {
      hold(polls < MAX_POLLS, "polls without end");
      const output = this.machine.poll();
      if (output === undefined) break;
      hold(this.closed === undefined, "speaks after close", () => output.type);
      this.#output(output);
      if ((polls & 3) === 1) this.machine.released();
    }
    this.machine.released();
    this.#look();
  }

  /** What waited for a lane to flow again. Each delivery may pause its lane once more. */
  #flow(): void {
    for (const lane of this.#lanes.values()) {
      while (lane.waiting.length > 0 && !lane.paused && this.closed === undefined) lane.waiting.shift()!();
    }
  }

  #output(output: Output<RSocketEvent<number>>): void {
    if (output.type === "event") return this.#event(output.event);
    if (output.type === "close") {
      const { code, error } = output.info;
      this.closed = { code, error: error !== undefined };
      return this.#say(code);
    }
    hold(output.type !== "secure" && output.type !== "sign", "asks for a step RSocket does not have");
    if (output.type === "secure" || output.type === "sign") return;
    if (output.type === "open") {
      hold(output.lane === this.#opened + 2, "opened a lane out of order");
      this.#opened = output.lane;
    }
    const lane = this.#lane(output.lane);
    if (output.type === "send") return this.#sent(lane, output.bytes);
    if (output.type === "pause" || output.type === "resume") {
      lane.paused = output.type === "pause";
      return this.#say(`${output.type} ${output.lane}`);
    }
    if (output.type !== "end") return;
    hold(!lane.closed && output.lane !== 0, "ended a lane twice");
    lane.closed = true;
  }

  #sent(lane: Lane, bytes: Uint8Array): void {
    hold(!lane.closed, "sent on a lane after its end");
    hold(bytes.length > 0, "sent nothing");
    lane.sentHash = hashOf(bytes, lane.sentHash);
    if (this.#manner.options.framing === "message") this.wire.frame(bytes.slice());
    else lane.sent.push(bytes.slice(), (frame) => this.wire.frame(frame));
  }

  #event(event: RSocketEvent<number>): void {
    this.events++;
    this.#say(event.type);
    if ("id" in event) this.#say(`${event.id} ${"n" in event ? event.n : ""} ${"complete" in event && event.complete}`);
    if ("error" in event) this.#say(event.error.code);
    if ("data" in event) {
      const metadata = event.metadata?.length ?? 0;
      hold(event.data.length + metadata <= this.#limits.maxPayloadBytes, "gave more than maxPayloadBytes");
      this.heard = hashOf(event.data, this.heard);
      if (event.owned) this.#owned.push([event.data, event.data.slice()]);
    }
    if ("metadata" in event && event.metadata !== undefined) this.heard = hashOf(event.metadata, this.heard ^ 1);
    if (event.type === "request" && !this.wire.isReused(event.id)) this.#inPieces.delete(event.id);
    this.#application.hears(event);
    const most = this.#limits.maxConcurrentStreams;
    if (event.type === "request" && event.interaction !== "fnf") {
      hold(this.laws.ofPeer <= most, "took more than maxConcurrentStreams");
    }
  }

  /** The laws of every moment in which the machine rests. */
  #look(): void {
    const { machine } = this;
    const { deadline } = machine;
    hold(deadline === Infinity || Number.isFinite(deadline), "a deadline that is no time", () => String(deadline));
    hold(machine.ready === 0, "says nothing and has something ready");
    hold(machine.sentPosition === this.wire.position, "another position than what was sent", () => {
      return `${machine.sentPosition}, not ${this.wire.position}`;
    });
    hold(machine.receivedPosition <= this.received, "a position beyond what was received");
    for (const [number, lane] of this.#lanes) hold(lane.sent.rest === 0, "sent half a frame", () => `lane ${number}`);
    if (this.closed === undefined) holdLive(this.laws, machine.liveStreams, this.#inPieces.size);
    hold((machine.state === "closed") === (this.closed !== undefined), "is closed and did not say so");
  }

  #lane(number: number): Lane {
    let lane = this.#lanes.get(number);
    if (lane !== undefined) return lane;
    lane = newLane();
    this.#lanes.set(number, lane);
    return lane;
  }

  #say(text: string): void {
    let hash = this.heard;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
    this.heard = hash >>> 0;
  }
}
