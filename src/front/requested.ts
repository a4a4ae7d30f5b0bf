/**
 * The items of a request-stream or request-channel that this side makes. The request is sent with the first demand.
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import type { Clock } from "../contract/runtime.ts";
import { addCredit } from "../kit/credit.ts";
import { watch } from "./call.ts";
import { dataOf, metadataOf, type PayloadInit } from "./payload.ts";
import type { PayloadSupply } from "./payload-stream.ts";
import { publicPart } from "./public-error.ts";
import type { PayloadSink, Requester } from "./requester.ts";
import type { StreamOptions } from "./rsocket-types.ts";
import { type Feed, feed, type Outlet } from "./source.ts";
import type { Awaitable, Source } from "./streams.ts";

/** Where a request is made. */
export interface Origin {
  readonly requester: Requester;
  /** A callback threw where no stream can carry it. */
  report(error: unknown): void;
}

/** Supplies the items of one request, and feeds those of this side. */
export class RequestedSupply implements PayloadSupply, Outlet {
  id = 0;
  readonly #first: PayloadInit;
  readonly #rest: Source<PayloadInit> | null | undefined;
  readonly #at: () => Awaitable<Origin>;
  readonly #clock: Clock;
  readonly #options: StreamOptions | undefined;
  #origin: Origin | undefined;
  #sink!: PayloadSink;
  #wanted = 0;
  #feed: Feed | undefined;
  /** Items of this side may still go out. */
  #sending = false;
  #unwatch: (() => void) | undefined;
  /** The consumer has had its end; what this side sends may go on. */
  #over = false;

  /** `rest` undefined: a stream. null: a channel without more items of this side. */
  constructor(
    first: PayloadInit,
    rest: Source<PayloadInit> | null | undefined,
    at: () => Awaitable<Origin>,
    clock: Clock,
    options: StreamOptions | undefined,
  ) {
    if (typeof rest === "string") {
      throw new UsageError("bad-argument", "Cannot send the items of a string: give an array, an iterable or a stream");
    }
    this.#first = first;
    this.#rest = rest;
    this.#at = at;
    this.#clock = clock;
    this.#options = options;
  }

  // PayloadSupply

  start(n: number, sink: PayloadSink): void {
    this.#sink = sink;
    this.#wanted = n;
    const { signal } = this.#options ?? {};
    if (signal?.aborted) return this.error(signal.reason);
    this.#unwatch = watch(this.#options, this.#clock, "the stream", (reason) => {
      const told = this.#over;
      this.#giveUp();
      if (!told) this.#sink.error(reason as Error);
    });
    try {
      const origin = this.#at();
      if ("then" in origin) origin.then((ready) => this.#begin(ready), (error) => this.error(error));
      else this.#begin(origin);
    } catch (error) {
      this.error(error as Error);
    }
  }

  requestN(n: number): void {
    if (this.#over) return;
    if (this.id === 0) this.#wanted = addCredit(this.#wanted, n); // not connected yet: asked for with the request
    else this.requester.requestN(this.id, n);
  }

  cancel(): void {
    if (!this.#over) this.#giveUp();
  }

  report(error: unknown): void {
    this.#origin?.report(error);
  }

  // What the peer does

  next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void {
    if (complete) this.#finish();
    this.#sink.next(data, metadata, complete, owned);
  }

  complete(): void {
    this.#finish();
    this.#sink.complete();
  }

  /** The stream is over both ways. */
  error(error: Error): void {
    this.#unwatch?.();
    this.#feed?.cancel();
    if (this.#over) return;
    this.#over = true;
    this.#sink.error(error);
  }

  /** The peer wants more of our items. */
  peerRequestN(n: number): void {
    this.#feed?.requestN(n);
  }

  /** The peer wants no more of our items. Its own may still come. */
  peerCancel(): void {
    this.#feed?.cancel();
  }

  // Outlet

  get requester(): Requester {
    return this.#origin!.requester;
  }

  failed(error: unknown): void {
    const { code, message } = publicPart(error);
    this.requester.fail(this.id, code, message);
    if (this.#over) this.report(error);
    else this.error(error as Error);
  }

  ended(): void {
    this.#sending = false;
    if (this.#over) this.#unwatch?.();
  }

  #begin(origin: Origin): void {
    if (this.#over) return;
    this.#origin = origin;
    const { requester } = origin;
    try {
      const data = dataOf(this.#first);
      const metadata = metadataOf(this.#first);
      const sink = new StreamSink(this);
      if (this.#rest === undefined) this.id = requester.requestStream(data, metadata, this.#wanted, sink);
      else this.id = requester.requestChannel(data, metadata, this.#wanted, sink, this.#rest === null);
      if (!this.#rest) return;
      this.#sending = true; // before it begins: a publisher may end from inside the call
      this.#feed = feed(this.#rest, this, 0);
    } catch (error) {
      if (this.id !== 0) requester.cancel(this.id);
      this.error(error as Error);
    }
  }

  /** The peer's items are over. Signal and time are watched as long as this side sends. */
  #finish(): void {
    this.#over = true;
    if (!this.#sending) this.#unwatch?.();
  }

  /** This side ends the stream, both ways. */
  #giveUp(): void {
    this.#over = true;
    this.#unwatch?.();
    if (this.id !== 0) this.requester.cancel(this.id);
    this.#feed?.cancel();
  }
}

/** What the stream hears from the peer, told apart from what its consumer asks. */
class StreamSink implements PayloadSink {
  readonly #supply: RequestedSupply;

  constructor(supply: RequestedSupply) {
    this.#supply = supply;
  }

  next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void {
    this.#supply.next(data, metadata, complete, owned);
  }

  complete(): void {
    this.#supply.complete();
  }

  error(error: Error): void {
    this.#supply.error(error);
  }

  requestN(n: number): void {
    this.#supply.peerRequestN(n);
  }

  cancel(): void {
    this.#supply.peerCancel();
  }
}
