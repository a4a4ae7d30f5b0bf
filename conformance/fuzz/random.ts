// Seeded numbers for the fuzzer, with 32 bits of state, so that a seed fits a command line. Never reads clock or host.

/** xorshift32. The same seed gives the same numbers on every runtime. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    let mixed = (seed + 0x9e37_79b9) | 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
    this.#state = (mixed ^ (mixed >>> 16)) || 1;
  }

  /** 32 bits, unsigned. */
  u32(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  /** An integer from 0 to `count` - 1; 0 when there is no such integer. */
  below(count: number): number {
    return count <= 0 ? 0 : Math.floor((this.u32() / 4_294_967_296) * count);
  }

  /** True once in so many times. */
  chance(oneIn: number): boolean {
    return this.u32() % oneIn === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** A size: mostly a few bytes, seldom hundreds, very seldom thousands. */
  size(): number {
    const roll = this.u32() & 0xfff;
    if (roll === 0) return this.below(20_000);
    if (roll < 40) return this.below(600);
    return this.below(roll < 1_000 ? 40 : 9);
  }
}

/** A number that depends on every byte, to seed what must be the same whenever an input is run again. */
export function hashOf(bytes: Uint8Array, start: number = 0x811c_9dc5): number {
  let hash = start;
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ bytes[at]!, 0x0100_0193);
  return hash >>> 0;
}
