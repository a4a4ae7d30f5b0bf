// Machines with one planted bug each, for the proof that the fuzzer finds its kind. They are never used for anything else.
import type { Output } from "../../src/contract/machine.ts";
import { type ConnectionOptions, RSocketConnection } from "../../src/rsocket/connection.ts";
import type { RSocketEvent } from "../../src/rsocket/event.ts";
import type { MakeMachine } from "./conversation-host.ts";

type Said = Output<RSocketEvent<number>>;

/** A machine that can be made to say more than it wants. */
class Talkative extends RSocketConnection<number> {
  protected readonly prefixed: boolean;
  protected readonly extra: Said[] = [];

  constructor(options: ConnectionOptions, nowMs: number) {
    super(options, nowMs);
    this.prefixed = options.framing === "prefixed";
  }

  override poll(): Said | undefined {
    return this.state === "closed" ? super.poll() : this.extra.shift() ?? this.heard(super.poll());
  }

  protected heard(said: Said | undefined): Said | undefined {
    return said;
  }

  protected alsoSends(frame: readonly number[]): void {
    const bytes = Uint8Array.from(this.prefixed ? [0, 0, frame.length, ...frame] : frame);
    this.extra.push({ type: "send", lane: 0, bytes });
  }
}

class SecondEnd extends Talkative {
  protected override heard(said: Said | undefined): Said | undefined {
    if (said?.type === "event" && said.event.type === "error") this.extra.push(said);
    return said;
  }
}

class SecondError extends Talkative {
  override fail(id: number, code: number, message: string): void {
    const before = this.sentPosition;
    super.fail(id, code, message);
    if (this.sentPosition > before) this.alsoSends([0, 0, id >>> 8, id, 0x2c, 0, 0, 0, 2, 1]);
  }
}

class ItemTooMany extends Talkative {
  // So that the count of bytes does not tell, as it would not if the writer itself were wrong.
  #more = 0;

  override get sentPosition(): number {
    return super.sentPosition + this.#more;
  }

  override payload(id: number, data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean): boolean {
    const sent = super.payload(id, data, metadata, complete);
    if (!sent || complete || data.length !== 5) return sent;
    this.#more += 6;
    this.alsoSends([0, 0, id >>> 8, id, 0x28, 0x20]);
    return sent;
  }
}

class DropsCutBytes extends RSocketConnection<number> {
  override receive(chunk: Uint8Array, nowMs: number, lane: number = 0): void {
    // As a reader would that takes a prefix only when all of it is there.
    if (chunk.length !== 2) super.receive(chunk, nowMs, lane);
  }
}

class NoTime extends RSocketConnection<number> {
  override get deadline(): number {
    return this.liveStreams > 2 ? Number.NaN : super.deadline;
  }
}

class NeverEnds extends Talkative {
  protected override heard(said: Said | undefined): Said | undefined {
    return this.state === "closing" ? { type: "resume", lane: 0 } : said;
  }
}

class ForgetsCancelled extends RSocketConnection<number> {
  #kept = 0;

  override get liveStreams(): number {
    return super.liveStreams + this.#kept;
  }

  override cancel(id: number): void {
    const before = super.liveStreams;
    super.cancel(id);
    if (super.liveStreams < before) this.#kept = 1;
  }
}

class CountsPrefixes extends RSocketConnection<number> {
  override get sentPosition(): number {
    return super.sentPosition === 0 ? 0 : super.sentPosition + 3;
  }
}

class ThrowsOnPush extends Talkative {
  protected override heard(said: Said | undefined): Said | undefined {
    if (said?.type === "event" && said.event.type === "metadataPush" && said.event.metadata.length === 0) {
      throw new TypeError("planted");
    }
    return said;
  }
}

class MoreDemand extends Talkative {
  protected override heard(said: Said | undefined): Said | undefined {
    if (said?.type !== "event" || said.event.type !== "requestN") return said;
    return { type: "event", event: { ...said.event, n: said.event.n + 1 } };
  }
}

class KeepsInput extends RSocketConnection<number> {
  readonly #all: Uint8Array[] = [];

  override receive(chunk: Uint8Array, nowMs: number, lane: number = 0): void {
    // As a reader that keeps small frames as views of large slabs.
    this.#all.push(new Uint8Array(chunk.length * 4 + 2_048));
    super.receive(chunk, nowMs, lane);
  }
}

/** By what is wrong with each. */
export const PLANTED_MACHINES: ReadonlyMap<string, MakeMachine> = new Map<string, MakeMachine>([
  ["gives a stream's error twice", (options, nowMs) => new SecondEnd(options, nowMs)],
  ["sends a second ERROR", (options, nowMs) => new SecondError(options, nowMs)],
  ["sends an item that nobody asked for", (options, nowMs) => new ItemTooMany(options, nowMs)],
  ["loses chunks of two bytes", (options, nowMs) => new DropsCutBytes(options, nowMs)],
  ["has a deadline that is no number", (options, nowMs) => new NoTime(options, nowMs)],
  ["never stops talking while it closes", (options, nowMs) => new NeverEnds(options, nowMs)],
  ["keeps a cancelled stream", (options, nowMs) => new ForgetsCancelled(options, nowMs)],
  ["counts a prefix as position", (options, nowMs) => new CountsPrefixes(options, nowMs)],
  ["throws on empty METADATA_PUSH", (options, nowMs) => new ThrowsOnPush(options, nowMs)],
  ["reports more demand than came", (options, nowMs) => new MoreDemand(options, nowMs)],
]);

/** Keeps several times what it receives. */
export const hoarder: MakeMachine = (options, nowMs) => new KeepsInput(options, nowMs);
