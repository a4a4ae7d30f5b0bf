/**
 * How far a peer is behind with reading, and when that is too far. Only numbers; it sends nothing and ends nothing.
 *
 * A link that is full is looked at ten times in `writeStallMs`. Progress is a drain, or fewer bytes waiting than were
 * given.
 *
 * @module
 */
import type { Limits } from "../contract/limits.ts";

/** The limits of what waits for a link. */
export type SendLimits = Pick<Limits, "sendHighWaterBytes" | "maxSendBytes" | "writeStallMs">;

/** How often a link is looked at that is over `sendHighWaterBytes` but would take more: it will tell of no drain. */
const POLL_MS = 5;
const LOOKS = 10;

/** Watches one connection. `waiting` is what its link refers to, in bytes. */
export class Pressure {
  /** When `look` is due; Infinity while the link takes more. */
  lookAt: number = Infinity;
  readonly #limits: SendLimits;
  /** What was waiting when the link became full, and what it was given since. */
  #given = 0;
  /** What had left at the latest progress, and when that was. */
  #left = 0;
  #progressAt = 0;
  /** What the host had still to hand on of its present write, where it tells. */
  #unsent: number | undefined;
  /** The largest that was given at once since little was waiting. */
  #largest = 0;

  constructor(limits: SendLimits) {
    this.#limits = limits;
  }

  /** Bytes were given to a link that was full already. */
  gave(bytes: number): void {
    this.#given += bytes;
  }

  /** One command is about to give so many bytes. The largest may pass `maxSendBytes`. */
  commands(bytes: number, waiting: number): void {
    if (bytes > this.#largest || waiting <= this.#limits.maxSendBytes) this.#largest = bytes;
  }

  /** True when so much waits that this side must not ask for more. */
  isOver(waiting: number): boolean {
    return waiting > this.#limits.maxSendBytes;
  }

  /** Why it is too much, if it is. */
  excess(waiting: number): string | undefined {
    const { maxSendBytes } = this.#limits;
    if (waiting - this.#largest <= maxSendBytes) return undefined;
    return `${waiting} bytes wait for it; the limit is ${maxSendBytes} and one payload`;
  }

  /** The link became full. `tells`: it will say when it drains. */
  fills(waiting: number, nowMs: number, tells: boolean): void {
    this.#given = waiting;
    this.#left = 0;
    this.#progressAt = nowMs;
    this.#arm(nowMs, tells);
  }

  /** The link took something. */
  drains(nowMs: number): void {
    this.#progressAt = nowMs;
  }

  /** It drained, but is still over the mark: it will not tell again. */
  polls(nowMs: number): void {
    this.lookAt = Math.min(this.lookAt, nowMs + POLL_MS);
  }

  /** The link takes more again. */
  eases(): void {
    this.lookAt = Infinity;
  }

  /** Why the peer is too slow, if it is. */
  look(waiting: number, nowMs: number, tells: boolean, unsent?: number): string | undefined {
    const left = this.#given - waiting;
    const { writeStallMs } = this.#limits;
    // One large write counts as waiting until all of it has gone, so its rest is looked at too.
    const moves = unsent !== this.#unsent;
    this.#unsent = unsent;
    if (left > this.#left || moves) {
      this.#left = Math.max(this.#left, left);
      this.#progressAt = nowMs;
    } else if (nowMs - this.#progressAt >= writeStallMs) {
      this.lookAt = Infinity;
      return `nothing was taken for ${writeStallMs} ms; ${waiting} bytes wait for it`;
    }
    this.#arm(nowMs, tells);
    return undefined;
  }

  #arm(nowMs: number, tells: boolean): void {
    const { writeStallMs } = this.#limits;
    const nextMs = tells ? Math.max(writeStallMs / LOOKS, 1) : POLL_MS;
    this.lookAt = Math.min(nowMs + nextMs, Math.max(this.#progressAt + writeStallMs, nowMs));
  }
}
