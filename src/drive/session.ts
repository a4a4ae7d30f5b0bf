/**
 * Joins the lanes of a machine to the streams of a session (QUIC, WebTransport). Lane 0 is the first bidirectional
 * stream; the machine's lanes are even, those the peer opens are odd. It knows no protocol.
 *
 * @module
 */
import { LinkError } from "../contract/errors.ts";
import type { CloseInfo, Link, LinkSink, Session, SessionSink } from "../contract/link.ts";
import type { Machine, Output } from "../contract/machine.ts";
import type { Clock } from "../contract/runtime.ts";
import type { Driver, LaneSet } from "./driver.ts";

/** Makes the machine and its driver once lane 0 is there. The driver is started by whoever made it. */
export type DriverMaker<E> = (link: Link, lanes: LaneSet) => { machine: Machine<E>; driver: Driver<E> };

/** Opens lane 0 on a session this side dialled, and gives the driver, not yet started. */
export async function driveOpened<E>(session: Session, clock: Clock, make: DriverMaker<E>): Promise<Driver<E>> {
  const streams = new Streams<E>(session, clock);
  session.start(streams);
  return streams.drive(await session.open(), make);
}

/**
 * Waits for lane 0 on a session that was accepted, at most `withinMs`, and gives the driver, not yet started. Rejects
 * with a LinkError when the session ends first, or when it had to be closed because no stream came.
 */
export function driveAccepted<E>(
  session: Session,
  clock: Clock,
  withinMs: number,
  make: DriverMaker<E>,
): Promise<Driver<E>> {
  const streams = new Streams<E>(session, clock);
  return new Promise((resolve, reject) => {
    const cancel = clock.wake(clock.now() + withinMs, () => {
      const text = `Cannot accept: no stream was opened within ${withinMs} ms`;
      reject(new LinkError("link-timeout", "timeout", text));
      session.close(1, text);
    });
    streams.first = (link) => {
      cancel();
      resolve(streams.drive(link, make));
    };
    streams.never = (error) => {
      cancel();
      reject(error);
    };
    session.start(streams);
  });
}

interface Lane {
  link: Link | undefined;
  /** What was to be done before the stream was open. */
  readonly waiting: Exclude<Output<never>, { type: "event" | "close" }>[];
}

class Streams<E> implements SessionSink, LaneSet {
  first: ((link: Link) => void) | undefined;
  never: ((error: unknown) => void) | undefined;
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #lanes = new Map<number, Lane>();
  /** Lanes whose link said to wait. */
  readonly #full = new Set<number>();
  #machine: Machine<E> | undefined;
  #driver: Driver<E> | undefined;
  /** What the peer opened before the driver was started. */
  #early: Link[] | undefined = [];
  #next = 1;

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  drive(link: Link, make: DriverMaker<E>): Driver<E> {
    const { machine, driver } = make(link, this);
    this.#machine = machine;
    this.#driver = driver;
    return driver;
  }

  // SessionSink

  stream(link: Link, unidirectional: boolean): void {
    if (unidirectional) return link.abort();
    if (this.first !== undefined) {
      const first = this.first;
      this.first = undefined;
      return first(link);
    }
    if (this.#early !== undefined) this.#early.push(link);
    else this.#accept(link);
  }

  datagram(): void {
    // No mapping here carries datagrams.
  }

  closed(info: CloseInfo): void {
    const error = info.error ?? new LinkError("link-closed", "closed", `The session ended: ${info.reason}`);
    this.never?.(error);
    this.#lanes.clear();
    this.#full.clear();
    this.#driver?.closed({ ...info, error });
  }

  // LaneSet

  get isWritable(): boolean {
    return this.#full.size === 0;
  }

  get buffered(): number {
    let sum = 0;
    for (const { link, waiting } of this.#lanes.values()) {
      if (link !== undefined) sum += link.buffered;
      for (const output of waiting) if (output.type === "send") sum += output.bytes.length;
    }
    return sum;
  }

  start(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const link of early) this.#accept(link);
  }

  take(output: Exclude<Output<never>, { type: "event" | "close" }>): void {
    if (output.type === "secure" || output.type === "sign") return;
    if (output.type === "open") return void this.#open(output.lane);
    const lane = this.#lanes.get(output.lane);
    if (lane?.link === undefined) lane?.waiting.push(output);
    else this.#pass(output, lane.link);
  }

  close(info: CloseInfo): void {
    this.#session.close(info.error === undefined ? 0 : 1, info.reason);
  }

  #pass(output: Exclude<Output<never>, { type: "event" | "close" }>, link: Link): void {
    switch (output.type) {
      case "send":
        if (!link.send(output.bytes)) this.#full.add(output.lane);
        return;
      case "end":
        return link.end();
      case "pause":
        return link.pause();
      case "resume":
        return link.resume();
      case "reset":
        return link.reset === undefined ? link.abort(output.code) : link.reset(output.code);
      case "stop":
        return link.stop?.(output.code);
    }
  }

  async #open(number: number): Promise<void> {
    const lane: Lane = { link: undefined, waiting: [] };
    this.#lanes.set(number, lane);
    try {
      const link = await this.#session.open();
      lane.link = link;
      link.start(this.#sink(number));
      for (const output of lane.waiting.splice(0)) this.#pass(output, link);
      this.#driver?.relieved();
    } catch {
      this.#gone(number);
      this.#machine?.receiveReset(0, this.#clock.now(), number);
      this.#driver?.relieved();
      this.#driver?.pump();
    }
  }

  #accept(link: Link): void {
    const number = this.#next;
    this.#next += 2;
    this.#lanes.set(number, { link, waiting: [] });
    link.start(this.#sink(number));
  }

  #gone(number: number): void {
    this.#lanes.delete(number);
    this.#full.delete(number);
  }

  #sink(number: number): LinkSink {
    const machine = this.#machine!;
    const driver = this.#driver!;
    let ended = false;
    return {
      chunk: (borrowed) => {
        machine.receive(borrowed, this.#clock.now(), number);
        driver.pump();
      },
      drain: () => {
        this.#full.delete(number);
        driver.relieved();
      },
      end: () => {
        ended = true;
        machine.receiveEnd(this.#clock.now(), number);
        driver.pump();
      },
      reset: (code) => {
        ended = true;
        machine.receiveReset(code, this.#clock.now(), number);
        driver.pump();
      },
      stop: (code) => {
        machine.receiveStop(code, this.#clock.now(), number);
        driver.pump();
      },
      closed: (info) => {
        this.#gone(number);
        if (info.error !== undefined && !ended) machine.receiveReset(info.resetCode ?? 0, this.#clock.now(), number);
        driver.relieved();
        driver.pump();
      },
    };
  }
}
