/**
 * How long to wait before the next attempt to connect: full jitter, so that clients that lost one server together do
 * not come back together. Only numbers; it waits for nothing and draws nothing by itself.
 *
 * @module
 */

/** From where to where waiting grows. Milliseconds. */
export interface BackoffOptions {
  /** The ceiling of the first wait. 100 by default. */
  readonly firstMs?: number;
  /** The ceiling that is never passed. 30,000 by default. */
  readonly mostMs?: number;
}

/** The ceilings double from `firstMs` to `mostMs`; each wait is drawn between 0 and its ceiling. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: (into: Uint8Array) => void;
  #ceilingMs: number;

  /** `random` fills an array, as `Runtime.random` does. */
  constructor(random: (into: Uint8Array) => void, options: BackoffOptions = {}) {
    this.#firstMs = options.firstMs ?? 100;
    this.#mostMs = options.mostMs ?? 30_000;
    this.#random = random;
    this.#ceilingMs = Math.min(this.#firstMs, this.#mostMs);
  }

  /** The next wait, a whole number of milliseconds from 0 to the present ceiling. */
  next(): number {
    const bytes = new Uint8Array(4);
    this.#random(bytes);
    const drawn = new DataView(bytes.buffer).getUint32(0) / 0x1_0000_0000;
    const ceilingMs = this.#ceilingMs;
    this.#ceilingMs = Math.min(ceilingMs * 2, this.#mostMs);
    return Math.floor(drawn * (ceilingMs + 1));
  }

  /** An attempt succeeded: waiting begins small again. */
  reset(): void {
    this.#ceilingMs = Math.min(this.#firstMs, this.#mostMs);
  }
}
