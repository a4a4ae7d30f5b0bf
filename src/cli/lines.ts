// Splits bytes into lines as they arrive, within a bound. It never holds more than one line, nor more of it than the
// bound, and gives each line before it asks for more input.

/** One line without its end (LF or CRLF). */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Borrowed until the next line; undefined when the line is longer than the bound. */
  readonly bytes: Uint8Array | undefined;
}

const LF = 0x0a;
const CR = 0x0d;
const NONE = new Uint8Array(0);

/** Takes chunks, gives lines. A line over the bound is given once, without bytes, as soon as it passes it. */
export class Lines {
  readonly #maxBytes: number;
  #number = 1;
  #held: Uint8Array = NONE;
  #heldBytes = 0;
  #skipping = false;

  /** `maxBytes` is the longest line that is kept, without its end. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk. All of them must be taken before the next chunk is pushed. */
  *push(chunk: Uint8Array): Generator<Line, void, undefined> {
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(LF, at);
      const piece = chunk.subarray(at, end < 0 ? chunk.length : end);
      if (!this.#skipping && this.#isTooLong(piece)) {
        yield { number: this.#number, bytes: undefined };
        this.#skipping = true;
        this.#held = NONE;
        this.#heldBytes = 0;
      }
      if (end < 0) {
        if (!this.#skipping) this.#hold(piece);
        return;
      }
      if (!this.#skipping) yield this.#line(piece);
      this.#next();
      at = end + 1;
    }
  }

  /** The last line, when the input does not end with a line end. */
  *end(): Generator<Line, void, undefined> {
    if (!this.#skipping && this.#heldBytes > 0) yield this.#line(NONE);
    this.#next();
  }

  /** A CR more is allowed: it may be half of the line's end. */
  #isTooLong(piece: Uint8Array): boolean {
    const length = this.#heldBytes + piece.length;
    if (length <= this.#maxBytes) return false;
    const last = piece.length > 0 ? piece[piece.length - 1] : this.#held[this.#heldBytes - 1];
    return length > this.#maxBytes + 1 || last !== CR;
  }

  #line(piece: Uint8Array): Line {
    let bytes = piece;
    if (this.#heldBytes > 0) {
      this.#hold(piece);
      bytes = this.#held.subarray(0, this.#heldBytes);
    }
    if (bytes[bytes.length - 1] === CR) bytes = bytes.subarray(0, -1);
    return { number: this.#number, bytes };
  }

  #next(): void {
    this.#number++;
    this.#skipping = false;
    this.#heldBytes = 0;
    if (this.#held.length > KEEP_BYTES) this.#held = NONE;
  }

  /** Copies a piece behind what is held. The memory at most doubles what has arrived. */
  #hold(piece: Uint8Array): void {
    const size = this.#heldBytes + piece.length;
    if (size > this.#held.length) {
      const larger = new Uint8Array(Math.min(Math.max(size * 2, 256), this.#maxBytes + 1));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(piece, this.#heldBytes);
    this.#heldBytes = size;
  }
}

/** Memory for a line that is kept for the next one. */
const KEEP_BYTES = 65_536;
