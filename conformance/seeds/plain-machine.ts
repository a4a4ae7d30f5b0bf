// The least machine there can be, for tests of the driver: it writes what it is told to and tells what it receives.
// It knows no protocol.
import type { CloseInfo } from "../../src/contract/link.ts";
import type { Machine, Output } from "../../src/contract/machine.ts";
import type { SlabPool } from "../../src/contract/runtime.ts";
import { Outbox } from "../../src/kit/outbox.ts";

/** What a PlainMachine tells. `bytes` are borrowed, as they came. */
export interface PlainEvent {
  readonly what: string;
  readonly lane: number;
  readonly bytes: Uint8Array;
}

/** Bytes go out through an outbox, as in the real machines; inputs become events. */
export class PlainMachine implements Machine<PlainEvent> {
  deadline: number = Infinity;
  /** Moves the deadline at each input, as a keepalive does. */
  silenceMs: number | undefined = undefined;
  /** Closes when the peer ends lane 0. */
  closesOnEnd = true;
  readonly ticks: number[] = [];
  readonly out: Outbox<PlainEvent>;
  releases = 0;
  closed = false;
  #inputs: PlainEvent[] = [];
  #last: Output<PlainEvent> | undefined;

  constructor(slabs: SlabPool) {
    this.out = new Outbox(slabs);
  }

  get ready(): number {
    return this.out.ready;
  }

  receive(chunk: Uint8Array, nowMs: number, lane: number = 0): void {
    this.#tell("chunk", lane, chunk);
    if (this.silenceMs !== undefined) this.deadline = nowMs + this.silenceMs;
  }

  receiveEnd(_nowMs: number, lane: number = 0, error?: Error): void {
    this.#tell(error === undefined ? "end" : `end: ${error.message}`, lane);
    if (lane === 0 && this.closesOnEnd) this.close({ code: "closed", reason: "", ...(error && { error }) });
  }

  receiveReset(code: number, _nowMs: number, lane: number): void {
    this.#tell(`reset ${code}`, lane);
  }

  receiveStop(code: number, _nowMs: number, lane: number): void {
    this.#tell(`stop ${code}`, lane);
  }

  tick(nowMs: number): void {
    this.ticks.push(nowMs);
    if (nowMs >= this.deadline) this.deadline = Infinity;
  }

  released(): void {
    this.releases++;
    this.out.released();
  }

  /** Copies bytes into the slab. */
  write(bytes: Uint8Array, lane: number = 0): void {
    this.out.room(bytes.length, lane);
    this.out.bytes.set(bytes, this.out.at);
    this.out.at += bytes.length;
  }

  /** Any other output. */
  say(output: Output<PlainEvent>): void {
    this.out.push(output);
  }

  close(info: CloseInfo = { code: "closed", reason: "by this side" }): void {
    if (this.closed) return;
    this.closed = true;
    this.#inputs.push({ what: "closing", lane: 0, bytes: new Uint8Array(0) });
    this.deadline = Infinity;
    this.#last = { type: "close", info };
  }

  poll(): Output<PlainEvent> | undefined {
    const sealed = this.out.shift();
    if (sealed !== undefined) return sealed;
    const event = this.#inputs.shift();
    if (event !== undefined) return { type: "event", event };
    this.out.seal();
    const written = this.out.shift();
    if (written !== undefined) return written;
    const last = this.#last;
    this.#last = undefined;
    return last;
  }

  #tell(what: string, lane: number, bytes: Uint8Array = new Uint8Array(0)): void {
    if (!this.closed) this.#inputs.push({ what, lane, bytes });
  }
}
