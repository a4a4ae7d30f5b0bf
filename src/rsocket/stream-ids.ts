/**
 * Stream ids of one side: odd for clients, even for servers, from 1 or 2 in steps of two, wrapping at 2^31-1 and then
 * skipping what is in use. RSocket 1.0, "Stream Identifiers".
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import { MAX_31_BIT } from "./frame.ts";

/** Gives ids. */
export class StreamIds {
  readonly #first: number;
  #next: number;
  #wrapped = false;

  /** `first` is 1 for a client and 2 for a server; `next` only for tests of the wrap. */
  constructor(first: 1 | 2, next: number = first) {
    this.#first = first;
    this.#next = next;
  }

  /** The next id that is not among the live ones. Throws UsageError ("streams-exhausted") when all are. */
  take(live: { get(id: number): unknown }): number {
    let id = this.#advance();
    if (!this.#wrapped) return id;
    const start = id;
    while (live.get(id) !== undefined) {
      id = this.#advance();
      if (id === start) {
        throw new UsageError("streams-exhausted", "Cannot begin a request: all 2^30 stream ids are in use");
      }
    }
    return id;
  }

  #advance(): number {
    const id = this.#next;
    this.#next = id + 2;
    if (this.#next > MAX_31_BIT) {
      this.#next = this.#first;
      this.#wrapped = true;
    }
    return id;
  }
}
