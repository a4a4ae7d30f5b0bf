/**
 * One live stream: its place in the table, its credits, its unfinished payload. It sends nothing by itself.
 *
 * @module
 */
import type { Reassembly } from "./fragments.ts";
import { FRAME_TYPE } from "./frame.ts";
import {
  ASSEMBLING,
  CLOSED,
  OPEN,
  REQUESTER_CELLS,
  RESPONDER_CELLS,
  STREAM_EVENTS,
  type StreamRole,
} from "./lifecycle.ts";

/** A stream of either role. `C` is what the application attached. */
export class Stream<C> {
  readonly id: number;
  /** The lane its frames go on. */
  readonly lane: number;
  /** The type of the request frame that began it: it says which interaction this is. */
  readonly type: number;
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

  constructor(id: number, lane: number, type: number, role: StreamRole, context: C, assembling: boolean) {
    this.id = id;
    this.lane = lane;
    this.type = type;
    this.role = role;
    this.context = context;
    this.credit = 0;
    this.demand = 0;
    this.#cells = (role === "requester" ? REQUESTER_CELLS : RESPONDER_CELLS)[type]!;
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
    return this.type >= FRAME_TYPE.REQUEST_STREAM;
  }
}

const EVENTS = STREAM_EVENTS.length;
