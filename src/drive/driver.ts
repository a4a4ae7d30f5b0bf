/**
 * Joins one machine to one link and one clock: the only loop of a connection. It gives the machine what arrives, takes
 * what it says, keeps one alarm, and tells producers when to wait. It knows no protocol.
 *
 * Writes are coalesced: commands given while input is handled leave with the end of the input, others a few microtasks
 * after the last of them, and early when the machine has sealed bytes.
 *
 * @module
 */
import type { CloseInfo, Link, LinkSink } from "../contract/link.ts";
import type { Machine, Output } from "../contract/machine.ts";
import type { Clock } from "../contract/runtime.ts";
import { DEFAULT_LIMITS } from "../contract/limits.ts";
import { Alarm } from "./alarm.ts";
import { Pressure, type SendLimits } from "./pressure.ts";

/** How long a link may take to end after the machine closed, before it is aborted. */
export const LINGER_MS = 1_000;

/** The lanes of a session besides lane 0 (session.ts). */
export interface LaneSet {
  /** The driver has started: from here on the peer's streams may deliver. */
  start(): void;
  /** Takes an output of a lane other than 0. */
  take(output: Exclude<Output<never>, { type: "event" | "close" }>): void;
  /** False while a lane holds as much as it should. `Driver.relieved` is told when that changes. */
  readonly isWritable: boolean;
  /** Bytes all lanes still refer to. */
  readonly buffered: number;
  /** Ends the whole session. */
  close(info: CloseInfo): void;
}

/** What a driver tells its owner. Neither may throw. */
export interface DriverOwner<E> {
  /** Something for the application. Byte fields are borrowed until it returns. */
  event(event: E): void;
  /** The link takes more again. */
  writable(): void;
  /** The link holds as much as it should; `writable` follows. */
  full?(): void;
  /** The peer does not read, and this is how that shows. Told once; the owner is to end the machine. */
  slow?(how: string): void;
  /** The machine closed; no event follows. The link may still be flushing. */
  closedBy(info: CloseInfo): void;
}

/** Drives one connection from `start` until its link is gone. */
export class Driver<E> implements LinkSink {
  readonly #machine: Machine<E>;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #owner: DriverOwner<E>;
  readonly #alarm: Alarm;
  readonly #lanes: LaneSet | undefined;
  #pumping = false;
  #scheduled = false;
  #quietTurns = 0;
  #turns = 0;
  /** The link of lane 0 said to wait. */
  #blocked = false;
  /** Neither lane 0 nor another one said to wait. */
  #writable = true;
  readonly #pressure: Pressure;
  readonly #highWaterBytes: number;
  #slow = false;
  /** Bytes went out that the machine may want back. */
  #lent = false;
  #closing: CloseInfo | undefined;
  #gone = false;
  #whenGone: (() => void)[] | undefined;

  constructor(
    machine: Machine<E>,
    link: Link,
    clock: Clock,
    owner: DriverOwner<E>,
    lanes?: LaneSet,
    limits: SendLimits = DEFAULT_LIMITS,
  ) {
    this.#machine = machine;
    this.#link = link;
    this.#clock = clock;
    this.#owner = owner;
    this.#lanes = lanes;
    this.#pressure = new Pressure(limits);
    this.#highWaterBytes = limits.sendHighWaterBytes;
    this.#alarm = new Alarm(clock, this.#ring);
  }

  /** False: the link holds as much as it should; producers wait for `writable`. */
  get isWritable(): boolean {
    return this.#writable;
  }

  /** True when more than `maxSendBytes` wait for the link: nothing should be asked of the peer now. */
  get isOver(): boolean {
    return !this.#writable && this.#pressure.isOver(this.#waiting());
  }

  /** Begins: the link delivers from here on, and what the machine already has to say is sent. */
  start(): void {
    this.#link.start(this);
    this.#lanes?.start();
    this.pump();
  }

  /** To be called after each command: sends what is sealed now, and the rest soon. */
  touch(): void {
    const { ready } = this.#machine;
    if (ready > 0) {
      this.#pressure.commands(ready, this.#writable ? 0 : this.#waiting());
      this.#sendReady();
    }
    this.#quietTurns = 0;
    if (this.#pumping || this.#scheduled || this.#gone) return;
    this.#scheduled = true;
    // A cached promise: on Node 20 queueMicrotask costs ten times as much.
    void RESOLVED.then(this.#flush);
  }

  /** Resolves when the link is gone. */
  gone(): Promise<void> {
    if (this.#gone) return RESOLVED;
    return new Promise((resolve) => (this.#whenGone ??= []).push(resolve));
  }

  // Inputs

  chunk(borrowed: Uint8Array): void {
    this.#machine.receive(borrowed, this.#clock.now());
    this.pump();
  }

  drain(): void {
    this.#blocked = false;
    this.#pressure.drains(this.#clock.now());
    this.relieved();
  }

  /** A link or lane may have got rid of bytes: if all of them take more again, producers go on. */
  relieved(): void {
    this.#release();
    const before = this.#writable;
    this.#writable = this.#takesMore();
    if (!this.#writable) return this.#keepLooking();
    if (before) return;
    this.#pressure.eases();
    this.#owner.writable();
    this.touch();
  }

  end(): void {
    this.#machine.receiveEnd(this.#clock.now());
    this.pump();
  }

  closed(info: CloseInfo): void {
    if (this.#gone) return;
    this.#machine.receiveEnd(this.#clock.now(), 0, info.error);
    this.pump();
    this.#gone = true;
    this.#alarm.stop();
    this.#lanes?.close(this.#closing ?? info);
    for (const resolve of this.#whenGone ?? []) resolve();
  }

  /** Takes everything the machine has to say, then sets the alarm. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let output = this.#machine.poll(); output !== undefined; output = this.#machine.poll()) this.#take(output);
    } finally {
      this.#pumping = false;
    }
    this.#release();
    if (this.#closing === undefined && !this.#gone) {
      const { deadline } = this.#machine;
      this.#alarm.set(this.#writable ? deadline : Math.min(deadline, this.#pressure.lookAt));
    }
  }

  /** Sends once no command was given for a few turns: an async generator takes three turns for each item. */
  readonly #flush = (): void => {
    if (this.#quietTurns++ < QUIET_TURNS && this.#turns++ < MOST_TURNS) return void RESOLVED.then(this.#flush);
    this.#turns = 0;
    this.#scheduled = false;
    this.#machine.tick(this.#clock.now()); // commands carry no time
    this.pump();
  };

  readonly #ring = (): void => {
    if (this.#closing !== undefined) {
      this.#link.abort();
      return this.#lanes?.close(this.#closing);
    }
    const now = this.#clock.now();
    if (now >= this.#machine.deadline) this.#machine.tick(now);
    if (now >= this.#pressure.lookAt) this.#look(now);
    this.pump();
  };

  /** The link is full: did it take anything since? */
  #look(now: number): void {
    if (!this.#takesMore()) {
      const how = this.#pressure.look(this.#waiting(), now, this.#willDrain(), this.#link.unsent);
      if (how !== undefined) this.#tooSlow(how);
    } else this.relieved();
  }

  #keepLooking(): void {
    if (this.#willDrain() || this.#closing !== undefined || this.#gone) return;
    this.#pressure.polls(this.#clock.now());
    this.#alarm.set(this.#pressure.lookAt);
  }

  #tooSlow(how: string): void {
    if (this.#slow || this.#closing !== undefined) return;
    this.#slow = true;
    this.#owner.slow?.(how);
  }

  #sendReady(): void {
    while (this.#machine.ready > 0) {
      const output = this.#machine.poll();
      if (output === undefined) return;
      this.#take(output);
    }
    this.#release();
  }

  #take(output: Output<E>): void {
    switch (output.type) {
      case "event":
        return this.#owner.event(output.event);
      case "send":
        this.#lent = true;
        if (!this.#writable) this.#pressure.gave(output.bytes.length);
        if (output.lane !== 0) this.#lanes?.take(output);
        else if (!this.#link.send(output.bytes)) this.#blocked = true;
        if (!this.#writable || !this.#takesMore()) this.#fill();
        return;
      case "close":
        return this.#close(output.info);
      case "secure":
      case "sign":
        throw new Error(`Cannot do ${output.type}: this driver has no host step for it`);
      default:
        if (output.lane !== 0) this.#lanes?.take(output);
        else if (output.type === "pause") this.#link.pause();
        else if (output.type === "resume") this.#link.resume();
        else if (output.type === "end") this.#link.end();
    }
  }

  #close(info: CloseInfo): void {
    this.#closing = info;
    this.#alarm.stop();
    this.#owner.closedBy(info);
    if (this.#gone) return;
    this.#link.resume(); // a paused link would never hear the peer's end
    this.#link.end();
    // A session is closed when lane 0 has ended both ways: earlier, its last frames could be lost.
    if (!this.#gone) this.#alarm.set(this.#clock.now() + LINGER_MS);
  }

  /** Producers are to wait, until `writable` is told. */
  #fill(): void {
    const waiting = this.#waiting();
    if (this.#writable) {
      this.#writable = false; // true again only where `writable` is told
      this.#pressure.fills(waiting, this.#clock.now(), this.#willDrain());
      this.#owner.full?.();
    }
    const how = this.#pressure.excess(waiting);
    if (how !== undefined) this.#tooSlow(how);
  }

  #takesMore(): boolean {
    return this.#link.buffered < this.#highWaterBytes && !this.#willDrain();
  }

  /** The link or a lane said to wait, so it will tell when it takes more. */
  #willDrain(): boolean {
    return this.#blocked || (this.#lanes !== undefined && !this.#lanes.isWritable);
  }

  #waiting(): number {
    return this.#link.buffered + (this.#lanes?.buffered ?? 0);
  }

  /** Lets the machine write into its buffers again once nobody refers to them. */
  #release(): void {
    if (!this.#lent || this.#link.buffered > 0 || (this.#lanes !== undefined && this.#lanes.buffered > 0)) return;
    this.#lent = false;
    this.#machine.released();
  }
}

/** Microtasks without a command before what was written is sent. Nine times the items per second of an async generator. */
const QUIET_TURNS = 4;
/** Microtasks after which it is sent in any case. */
const MOST_TURNS = 512;
const RESOLVED = Promise.resolve();
