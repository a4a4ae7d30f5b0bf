/**
 * One live stream: its place in the table, its credits, its unfinished payload. It sends nothing by itself.
 *
 * @module
 */
import type { Reassembly } from "./fragments.ts";
import { ASSEMBLING, CLOSED, type Interaction, OPEN, STREAM_CELLS, STREAM_EVENTS, type StreamRole } from "./lifecycle.ts";

/** A stream of either role. `C` is what the application attached. */
export class Stream<C> {
  readonly id: number;
  /** The lane its frames go on. */
  readonly lane: number;
  readonly interaction: Interaction;
  readonly role: StreamRole;
  context: C;
  /** Items the peer still wants from us. */
  credit: number;
  /** Items we still want from the peer. */
  demand: number;
  /** The payload whose fragments are coming. */
  partial: Reassembly | undefined = undefined;
  #state: number;
  readonly #cells: Int8Array;

  constructor(id: number, lane: number, interaction: Interaction, role: StreamRole, context: C, assembling: boolean) {
    this.id = id;
    this.lane = lane;
    this.interaction = interaction;
    this.role = role;
    this.context = context;
    this.credit = 0;
    this.demand = 0;
    this.#cells = STREAM_CELLS[interaction][role];
    this.#state = assembling ? ASSEMBLING : OPEN;
  }

  get closed(): boolean {
    return this.#state === CLOSED;
  }

  /** True while the request itself is still coming in fragments, so that the application knows nothing of it. */
  get assembling(): boolean {
    return this.#state === ASSEMBLING;
  }

  /** Moves by an event. False when the state does not allow it; then nothing changed. */
  step(event: number): boolean {
    const next = this.#cells[this.#state * EVENTS + event]!;
    if (next < 0) return false;
    this.#state = next;
    return true;
  }

  /** True when the state allows an event. */
  may(event: number): boolean {
    return this.#cells[this.#state * EVENTS + event]! >= 0;
  }

  /** True for interactions whose items need credit. */
  get credited(): boolean {
    return this.interaction === "stream" || this.interaction === "channel";
  }
}

const EVENTS = STREAM_EVENTS.length;
