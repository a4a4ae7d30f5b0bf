/**
 * Which frames go on which lane of a session. Pure: it gives numbers and outputs, and opens nothing.
 *
 * "single": everything on lane 0, so that the order of all frames is kept (resume needs it).
 * "stream-per-request": connection frames on lane 0, every request on a lane its requester opens, so that a lost packet
 * holds up one request only. Wire-equal to the QUIC transport of rsocket-kotlin: every lane uses the length prefix and
 * frames keep their stream ids.
 *
 * @module
 */
import type { Outbox } from "../kit/outbox.ts";

/** How requests are laid on lanes. */
export type Mapping = "single" | "stream-per-request";

/** Opens and ends lanes as streams begin and end. */
export class Lanes<E> {
  readonly #out: Outbox<E>;
  readonly #each: boolean;
  #next = 2;

  constructor(mapping: Mapping, out: Outbox<E>) {
    this.#each = mapping === "stream-per-request";
    this.#out = out;
  }

  /** The lane for a request of this side. */
  open(): number {
    if (!this.#each) return 0;
    const lane = this.#next;
    this.#next += 2;
    this.#out.push({ type: "open", lane });
    return lane;
  }

  /** The stream of a lane has ended: this side sends no more on it. */
  end(lane: number): void {
    if (lane !== 0) this.#out.push({ type: "end", lane });
  }
}
