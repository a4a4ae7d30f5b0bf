/**
 * The first bytes of a peer that is not an RSocket peer at all, so that the error can say so. It only looks.
 *
 * @module
 */
import { PeerError } from "../contract/errors.ts";

const LOOK_BYTES = 16;

/** Remembers the first bytes that came. */
export class Greeting {
  #seen = "";

  /** Looks at a chunk, until enough was seen. */
  look(chunk: Uint8Array): void {
    const count = Math.min(LOOK_BYTES - this.#seen.length, chunk.length);
    for (let at = 0; at < count; at++) this.#seen += String.fromCharCode(chunk[at]!);
  }

  /**
   * True when a server's first bytes cannot be RSocket: an HTTP answer, an SSH banner, or what TLS answers to clear
   * text (an alert, or ServerHello). As frames they would be of megabytes, with a stream id no first frame can have.
   */
  get answersElse(): boolean {
    return /^(HTTP\/|SSH-|\x15\x03[\x00-\x04]\x00\x02[\x01\x02]|\x16\x03[\x00-\x04]..\x02)/s.test(this.#seen);
  }

  /** What the peer speaks instead of RSocket, if its first three bytes can tell. */
  error(): PeerError | undefined {
    if (/^(HTT|GET|PUT|POS|HEA|PRI|OPT|DEL|CON|PAT)/.test(this.#seen)) {
      return this.#says("HTTP; check the port, or use a ws: URL if it serves WebSocket");
    }
    if (/^[\x15\x16]\x03[\x00-\x04]/.test(this.#seen)) {
      return this.#says("TLS; use a tls: or wss: URL, or a plain port");
    }
    if (this.#seen.startsWith("SSH")) return this.#says("SSH; check the port");
    return undefined;
  }

  #says(what: string): PeerError {
    return new PeerError("not-rsocket", `Cannot speak RSocket with the peer: it speaks ${what}`);
  }
}
