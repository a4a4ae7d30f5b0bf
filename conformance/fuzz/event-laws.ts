// What an application may rely on, kept as a small model of every stream it knows: no event for what is over, one end
// for each stream, no item that was not asked for. It looks at events and commands, never at bytes.
import type { RSocketEvent } from "../../src/rsocket/event.ts";
import type { Interaction } from "../../src/rsocket/lifecycle.ts";
import { hold } from "./target.ts";

/** A stream as the application sees it. */
export interface Known {
  readonly id: number;
  readonly own: boolean;
  readonly interaction: Interaction;
  /** What was attached; every event must carry it. */
  readonly context: number;
  /** This side may still send items; the peer may. */
  sends: boolean;
  receives: boolean;
  /** Items the peer still wants, and items still wanted from it. */
  credit: number;
  demand: number;
}

type StreamEvent = Extract<RSocketEvent<number>, { readonly context: number }>;
type RequestEvent = Extract<RSocketEvent<number>, { readonly type: "request" }>;

/** The model. */
export class EventLaws {
  readonly #streams = new Map<number, Known>();
  #contexts = 0;

  /** Streams that are not over. */
  get live(): number {
    return this.#streams.size;
  }

  /** Live streams that the peer began. */
  get ofPeer(): number {
    let count = 0;
    for (const stream of this.#streams.values()) if (!stream.own) count++;
    return count;
  }

  /** The stream, unless it is over. */
  get(id: number): Known | undefined {
    return this.#streams.get(id);
  }

  /** Ids of live streams, in the order in which they began. */
  get ids(): number[] {
    return [...this.#streams.keys()];
  }

  /** A number for the next stream's context. */
  nextContext(): number {
    return ++this.#contexts;
  }

  /** The application began a request. */
  began(id: number, interaction: Interaction, n: number, complete: boolean, context: number): void {
    hold(!this.#streams.has(id), "a new request has the id of a live stream");
    const [sends, demand] = [interaction === "channel" && !complete, interaction === "response" ? 1 : n];
    this.#streams.set(id, { id, own: true, interaction, context, sends, receives: true, credit: 0, demand });
  }

  /** A request of the peer. A fire-and-forget is over at once. */
  request(event: RequestEvent): Known | undefined {
    const { id, interaction, complete, n } = event;
    hold(!this.#streams.has(id), "a request event for a live stream");
    hold((n > 0) === (interaction === "stream" || interaction === "channel"), "a request event with a wrong n");
    if (interaction === "fnf") return undefined;
    const receives = interaction === "channel" && !complete;
    const credit = interaction === "response" ? 1 : n;
    const context = this.nextContext();
    const known = { id, own: false, interaction, context, sends: true, receives, credit, demand: 0 };
    this.#streams.set(id, known);
    return known;
  }

  /** Any other event of a stream. */
  event(event: StreamEvent): Known {
    const stream = this.#streams.get(event.id);
    hold(stream !== undefined, "an event after the end", () => `${event.type} for stream ${event.id}`);
    const known = stream!;
    hold(event.context === known.context, "an event with another stream's context", () => event.type);
    switch (event.type) {
      case "payload":
        this.#received(known, event.complete);
        break;
      case "complete":
        hold(known.receives, "a complete after the last item");
        known.receives = false;
        break;
      case "requestN":
        hold(known.sends && known.interaction !== "response", "a request n for a stream that sends nothing");
        hold(event.n > 0, "a request n of 0");
        known.credit = Math.min(known.credit + event.n, 0x7fff_ffff);
        break;
      case "cancel":
        hold(known.sends || !known.own, "a cancel of a stream that sends nothing");
        known.sends = false;
        if (!known.own) known.receives = false;
        break;
      case "error":
        known.sends = known.receives = false;
    }
    this.#forgetIfOver(known);
    return known;
  }

  /** An item was sent. */
  sent(known: Known, complete: boolean): void {
    if (known.own || known.interaction !== "response") known.credit--;
    if (complete || known.interaction === "response") known.sends = false;
    this.#forgetIfOver(known);
  }

  completed(known: Known): void {
    known.sends = false;
    this.#forgetIfOver(known);
  }

  asked(known: Known, n: number): void {
    if (known.receives && known.interaction !== "response") known.demand = Math.min(known.demand + n, 0x7fff_ffff);
  }

  /** The requester gives up all; the responder of a channel only what it would receive. */
  cancelled(known: Known): void {
    if (known.own) known.sends = false;
    known.receives = false;
    this.#forgetIfOver(known);
  }

  /** A requester has no ERROR for a stream on which it sends nothing more. */
  failed(known: Known): void {
    if (known.own && !known.sends) return;
    known.sends = known.receives = false;
    this.#forgetIfOver(known);
  }

  #received(known: Known, complete: boolean): void {
    hold(known.receives, "an item after the last");
    hold(known.demand > 0, "an item that was not asked for");
    known.demand--;
    if (known.interaction === "response") hold(complete, "a response that is not the last item");
    if (complete) known.receives = false;
  }

  #forgetIfOver(known: Known): void {
    if (!known.sends && !known.receives) this.#streams.delete(known.id);
  }
}
