/**
 * A small seeded generator of numbers, equal on every JavaScript engine: 32-bit integers only. Never for secrets.
 *
 * @module
 */

/** xoshiro128** (Blackman and Vigna), its state filled from the seed by splitmix32. */
export class Random {
  readonly #low: number;
  readonly #high: number;
  readonly #state: Uint32Array;

  /** `seed` is a safe integer; its low and its high 32 bits both count. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`Cannot seed with ${seed}: it is not a safe integer`);
    this.#low = seed >>> 0;
    this.#high = Math.floor(seed / 0x1_0000_0000) >>> 0;
    const fill = splitMix(this.#low, this.#high);
    this.#state = Uint32Array.of(fill(), fill(), fill(), fill());
  }

  /** An unsigned 32-bit integer. */
  next(): number {
    const s = this.#state as unknown as [number, number, number, number]; // four words, always
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 11);
    return result;
  }

  /** An integer from 0 to n - 1, each equally likely. `n` is from 1 to 2^32. */
  below(n: number): number {
    if (!(n >= 1 && n <= 0x1_0000_0000)) throw new RangeError(`Cannot draw below ${n}: it is not from 1 to 2^32`);
    const whole = 0x1_0000_0000 - (0x1_0000_0000 % n); // the part of the range that n divides
    for (;;) {
      const drawn = this.next();
      if (drawn < whole) return drawn % n;
    }
  }

  /** True with probability `p`. It draws a number even when p is 0 or 1, so that a switch does not shift what follows. */
  chance(p: number): boolean {
    return this.next() < p * 0x1_0000_0000;
  }

  /** Fills the array. */
  bytes(into: Uint8Array): void {
    for (let at = 0; at < into.length; at++) into[at] = this.next() >>> 24;
  }

  /**
   * Another generator, from this one's seed and the label alone: what was drawn here before does not matter, so a draw
   * more in one part of a program changes nothing in another. The same label gives the same numbers again.
   */
  fork(label: string): Random {
    let low = this.#low ^ 0x811c_9dc5;
    let high = this.#high;
    for (let at = 0; at < label.length; at++) {
      low = Math.imul(low ^ label.charCodeAt(at), 0x0100_0193);
      high = Math.imul(rotate(high, 5) ^ low, 0x85eb_ca6b);
    }
    return new Random((high & 0x001f_ffff) * 0x1_0000_0000 + (low >>> 0));
  }
}

function rotate(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

function splitMix(low: number, high: number): () => number {
  let state = (low ^ Math.imul(high, 0x9e37_79b1)) >>> 0;
  let salt = high;
  return () => {
    state = (state + 0x9e37_79b9 + salt) >>> 0;
    salt = rotate(salt, 9);
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}
