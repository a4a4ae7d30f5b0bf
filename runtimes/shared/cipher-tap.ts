/**
 * A duplex between a TCP socket and the TLS over it, for hosts whose TLS does not stop reading when it is paused (Deno
 * 2.9.6 reads on without bound and tells a reset as a clean end). It never looks at what passes.
 *
 * @module
 */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** How long a socket may take for its last bytes. */
const LAST_WORDS_MS = 1_000;

/** Give it to TLS in place of the socket. */
export class CipherTap extends Duplex {
  readonly raw: Socket;
  #held = false;

  constructor(raw: Socket) {
    super({ allowHalfOpen: true });
    this.raw = raw;
    raw.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) raw.pause();
    });
    raw.on("end", () => this.push(null));
    raw.on("error", (error) => this.destroy(error));
    raw.on("close", () => this.destroy());
  }

  /** Stops reading from the socket, so that the kernel fills and the peer waits; or goes on. */
  hold(on: boolean): void {
    if (this.#held === on) return;
    this.#held = on;
    if (on) this.raw.pause();
    else this.raw.resume();
  }

  /**
   * TLS hands over its last alert after it has destroyed its stream; the peer should know why, so it still goes out. The
   * callback is not called any more: Deno's TLS answers each error with the next write, without end.
   */
  override write(chunk: Uint8Array, ...rest: never[]): boolean {
    return this.destroyed ? !this.raw.destroyed && this.raw.write(chunk) : super.write(chunk, ...rest);
  }

  override _read(): void {
    if (!this.#held) this.raw.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    // The socket's own "error" or "close" tells a failure, for the same reason.
    this.raw.write(chunk, (error) => error ?? done());
  }

  override _final(done: () => void): void {
    this.raw.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Not at once, for the alert; but a peer that reads nothing does not keep the socket.
    setImmediate(() => {
      const timer = setTimeout(() => this.raw.destroy(), LAST_WORDS_MS);
      this.raw.once("close", () => clearTimeout(timer)).destroySoon();
      if (this.raw.destroyed) clearTimeout(timer);
    });
    done(error);
  }
}
