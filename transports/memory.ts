/**
 * The memory transport: memory://name connects two ends inside one program. It never touches a host, and what it
 * promises is what a real link promises, including back-pressure and half close.
 *
 * @module
 */
import { LinkError } from "../src/contract/errors.ts";
import type { CloseInfo, Link, LinkInfo, LinkSink } from "../src/contract/link.ts";
import type { Listener, Transport } from "../src/contract/transport.ts";
import { complaint, refuseMore } from "./address.ts";

const EXAMPLE = "memory://name";
/** Undelivered bytes above which `send` says to wait. */
const HIGH_WATER_BYTES = 262_144;

type Accept = (link: Link) => void;

/** A memory transport with names of its own: two of them never meet. */
export function createMemory(highWaterBytes: number = HIGH_WATER_BYTES): Transport {
  const names = new Map<string, Accept>();
  return {
    schemes: ["memory"],
    needs: { dial: [], listen: [] },

    async dial(_runtime, url, options) {
      options.signal?.throwIfAborted();
      const name = nameOf(url);
      const accept = names.get(name);
      if (accept === undefined) {
        const text =
          `Connecting to memory://${name} failed: nobody listens there. Check the name, or start the server.`;
        throw new LinkError("link-refused", "refused", text);
      }
      const near = new MemoryLink({ scheme: "memory", secure: false, remote: name }, highWaterBytes);
      const far = new MemoryLink({ scheme: "memory", secure: false, local: name }, highWaterBytes);
      near.join(far);
      // Later, as with a real listener: whoever dials goes on first, and what `accept` throws is not the dialler's.
      queueMicrotask(() => accept(far));
      return near;
    },

    async listen(_runtime, url, options, accept) {
      options.signal?.throwIfAborted();
      const name = nameOf(url);
      if (names.has(name)) {
        const text = `Listening on memory://${name} failed: another listener has that name. Choose another name.`;
        throw new LinkError("port-in-use", "in-use", text);
      }
      names.set(name, accept);
      return listenerOf(names, name, accept);
    },
  };
}

function nameOf(url: URL): string {
  refuseMore(url, EXAMPLE);
  if (url.host === "") throw complaint(url, "it has no name", EXAMPLE);
  return url.host;
}

function listenerOf(names: Map<string, Accept>, name: string, accept: Accept): Listener {
  let settle: (info: CloseInfo) => void;
  const closed = new Promise<CloseInfo>((resolve) => settle = resolve);
  const close = async () => {
    if (names.get(name) === accept) names.delete(name);
    settle({ code: "link-closed", reason: "the listener was closed" });
  };
  return { url: `memory://${name}`, closed, close, [Symbol.asyncDispose]: close };
}

/**
 * One end. Chunks are lent to the receiver for the length of one call and counted in the sender's `buffered` until
 * then, so nothing is copied and the sender's memory is its own again as soon as it was read.
 */
class MemoryLink implements Link {
  readonly kind = "bytes";
  readonly info: LinkInfo;
  buffered = 0;
  readonly #highWaterBytes: number;
  #peer: MemoryLink | undefined;
  #sink: LinkSink | undefined;
  /** What the peer sent and this end was not yet told. */
  readonly #inbox: Uint8Array[] = [];
  #scheduled = false;
  #paused = false;
  #waiting = false;
  #ended = false;
  #endTold = false;
  #closeInfo: CloseInfo | undefined;
  #closeTold = false;

  constructor(info: LinkInfo, highWaterBytes: number) {
    this.info = info;
    this.#highWaterBytes = highWaterBytes;
  }

  /** Makes the two ends of one link. */
  join(peer: MemoryLink): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
    this.#schedule();
  }

  send(owned: Uint8Array): boolean {
    const peer = this.#peer;
    if (this.#ended || peer === undefined) return false;
    if (owned.length > 0) {
      peer.#inbox.push(owned);
      this.buffered += owned.length;
      peer.#schedule();
    }
    if (this.buffered < this.#highWaterBytes) return true;
    this.#waiting = true;
    return false;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#schedule();
  }

  end(): void {
    const peer = this.#peer;
    if (this.#ended || peer === undefined) return;
    this.#ended = true;
    peer.#schedule();
  }

  abort(): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    const here = new LinkError("link-closed", "closed", "The memory link was given up by this side.");
    const there = new LinkError("link-reset", "reset", "The memory link was given up by the peer. Reconnect.");
    this.#leave({ code: here.code, reason: "given up by this side", error: here });
    peer.#leave({ code: there.code, reason: there.message, error: there });
  }

  #schedule(): void {
    if (this.#scheduled || this.#sink === undefined) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  /** Tells what may be told, in order: chunks, then the end, then the close. */
  #deliver(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#closeTold) return;
    if (this.#closeInfo === undefined) this.#deliverOpen(sink);
    if (this.#closeInfo === undefined) return;
    this.#closeTold = true;
    sink.closed(this.#closeInfo);
  }

  #deliverOpen(sink: LinkSink): void {
    const sender = this.#peer as MemoryLink;
    // Only what is here now: what is sent meanwhile gets a turn of its own, so that a sender is told to drain.
    for (let left = this.#inbox.length; left > 0 && !this.#paused; left--) {
      const chunk = this.#inbox.shift();
      if (chunk === undefined) return;
      sink.chunk(chunk);
      // An abort from inside `chunk` has already emptied the books.
      if (this.#closeInfo !== undefined) return;
      sender.buffered -= chunk.length;
    }
    sender.#drainIfBelow();
    if (this.#closeInfo !== undefined || this.#paused) return;
    if (this.#inbox.length > 0) {
      this.#schedule();
    } else if (sender.#ended && !this.#endTold) {
      this.#endTold = true;
      sink.end();
      if (this.#closeInfo === undefined) this.#closeIfOver();
    }
  }

  #drainIfBelow(): void {
    if (!this.#waiting || this.#ended || this.buffered >= this.#highWaterBytes) return;
    this.#waiting = false;
    this.#sink?.drain();
  }

  /** Both ends have sent their end and have been told the other's: the link is over for both. */
  #closeIfOver(): void {
    const peer = this.#peer as MemoryLink;
    if (!this.#endTold || !peer.#endTold) return;
    const info: CloseInfo = { code: "link-closed", reason: "ended by both sides" };
    this.#leave(info);
    peer.#leave(info);
  }

  #leave(info: CloseInfo): void {
    this.#peer = undefined;
    this.#closeInfo = info;
    this.#inbox.length = 0;
    this.#ended = true;
    this.buffered = 0;
    this.#schedule();
  }
}
