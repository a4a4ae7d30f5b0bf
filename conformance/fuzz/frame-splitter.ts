// The frames of a byte stream, found by joining and cutting. Slow, plain, and independent of what it is held against.

const NONE = new Uint8Array(0);

/** Finds frames behind 24-bit lengths. */
export class FrameSplitter {
  #rest: Uint8Array = NONE;

  /** Bytes of a frame that is not whole. */
  get rest(): number {
    return this.#rest.length;
  }

  /** Gives every frame that is whole now. */
  push(bytes: Uint8Array, give: (frame: Uint8Array) => void): void {
    let all = bytes;
    if (this.#rest.length > 0) {
      all = new Uint8Array(this.#rest.length + bytes.length);
      all.set(this.#rest);
      all.set(bytes, this.#rest.length);
    }
    let at = 0;
    while (all.length - at >= 3) {
      const end = at + 3 + all[at]! * 65_536 + all[at + 1]! * 256 + all[at + 2]!;
      if (end > all.length) break;
      give(all.subarray(at + 3, end));
      at = end;
    }
    this.#rest = all.slice(at);
  }
}
