/**
 * When to send a KEEPALIVE and when silence has lasted too long. Only times; no frames. RSocket 1.0, "KEEPALIVE Frame".
 *
 * @module
 */

/** The two clocks of one connection. Times are the `now` of the machine's inputs, in milliseconds. */
export class Keepalive {
  readonly #intervalMs: number;
  readonly #lifetimeMs: number;
  #sendAt: number;
  #heardAt: number;

  /** `intervalMs` Infinity = this side never asks, only answers. */
  constructor(intervalMs: number, lifetimeMs: number, nowMs: number) {
    this.#intervalMs = intervalMs;
    this.#lifetimeMs = lifetimeMs;
    this.#sendAt = nowMs + intervalMs;
    this.#heardAt = nowMs;
  }

  get deadline(): number {
    return Math.min(this.#sendAt, this.#heardAt + this.#lifetimeMs);
  }

  /** Something arrived. Any bytes show that the peer lives. */
  heard(nowMs: number): void {
    this.#heardAt = nowMs;
  }

  /** How long nothing came, if that is the lifetime or more; else 0. */
  silence(nowMs: number): number {
    const silentMs = nowMs - this.#heardAt;
    return silentMs >= this.#lifetimeMs ? silentMs : 0;
  }

  /** True when one is to be sent now; the next is then due an interval later. */
  send(nowMs: number): boolean {
    if (nowMs < this.#sendAt) return false;
    this.#sendAt = nowMs + this.#intervalMs;
    return true;
  }
}
