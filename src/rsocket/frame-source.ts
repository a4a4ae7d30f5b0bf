/**
 * Where whole frames come from: a byte stream cut by length prefixes (length-prefix.ts), or messages, each one frame.
 *
 * @module
 */

/** Finds frames in what a lane receives. After `next` gives 1 the frame lies from `at` to `end` of `bytes`. */
export interface FrameSource {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  /** True when the frame lies in memory of its own, which is never written again. */
  readonly owned: boolean;
  /** True when there is input that `next` has not looked at. */
  readonly hasInput: boolean;
  /** Takes what arrived, borrowed. */
  push(chunk: Uint8Array): void;
  /** Copies what is left of the input, so that its memory may be reused. */
  keep(): void;
  /** 1: a frame is ready. 0: more input is needed. -1: the next frame is larger than `maxBytes`. */
  next(maxBytes: number): number;
}

/** Messages: one chunk is one frame. */
export class MessageFrames implements FrameSource {
  bytes: Uint8Array = NONE;
  readonly at = 0;
  end = 0;
  owned = false;
  /** Messages behind `#next`, copied. */
  #behind: Uint8Array[] = [];
  #next: Uint8Array | undefined;
  #kept = false;

  get hasInput(): boolean {
    return this.#next !== undefined;
  }

  push(chunk: Uint8Array): void {
    if (this.#next !== undefined) return void this.#behind.push(chunk.slice());
    this.#next = chunk;
    this.#kept = false;
  }

  keep(): void {
    if (this.#kept) return;
    this.#kept = true;
    this.#next = this.#next?.slice();
  }

  next(maxBytes: number): number {
    const message = this.#next;
    if (message === undefined) {
      this.bytes = NONE;
      return 0;
    }
    if (message.length > maxBytes) return -1;
    this.#next = this.#behind.shift();
    this.#kept = true;
    this.bytes = message;
    this.end = message.length;
    return 1;
  }
}

const NONE = new Uint8Array(0);
