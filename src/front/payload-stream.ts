/**
 * A stream of payloads as applications read it: by `for await` (whose pull is request-n), as a Publisher, or as a
 * ReadableStream. Cold and single use: nothing is sent before the first demand.
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import { type ObservableLike, observableOf, ObserverSink } from "./observable.ts";
import { type Payload, payloadOf } from "./payload.ts";
import type { PayloadSink } from "./requester.ts";
import type { Publisher, Subscriber, Subscription } from "./streams.ts";

/** Items asked for ahead of a consumer that pulls one at a time; refilled at half. */
export const DEFAULT_PREFETCH = 256;

/**
 * A stream of payloads. Cold: nothing is sent before the first demand. Single use: a second consumer gets UsageError
 * ("already-used"). Errors are RemoteError (the peer's ERROR), PeerError, LinkError (the connection was lost) or the
 * reason of the call's signal.
 *
 * By `for await`, whose pull is request-n; `break` cancels:
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://for-await", {
 *   async *requestStream() {
 *     for (let n = 1;; n++) yield String(n);
 *   },
 * });
 * const client = await connect("memory://for-await");
 * const items = [];
 * for await (const item of client.requestStream("count", { prefetch: 2 })) {
 *   items.push(new TextDecoder().decode(item.data));
 *   if (items.length === 3) break;
 * }
 * items.join(" "); // "1 2 3"
 * await server.close();
 * ```
 *
 * As a Publisher, which sends exactly the demand it is given:
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://publisher", { requestStream: () => ["a", "b", "c"] });
 * const client = await connect("memory://publisher");
 * const items = [];
 * await new Promise((resolve, reject) => {
 *   let subscription;
 *   client.requestStream("letters").subscribe({
 *     onSubscribe(given) {
 *       subscription = given;
 *       subscription.request(1);
 *     },
 *     onNext(item) {
 *       items.push(new TextDecoder().decode(item.data));
 *       subscription.request(1);
 *     },
 *     onError: reject,
 *     onComplete: resolve,
 *   });
 * });
 * items.join(" "); // "a b c"
 * await server.close();
 * ```
 *
 * As a ReadableStream:
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://readable", { requestStream: () => ["a", "b", "c"] });
 * const client = await connect("memory://readable");
 * const items = [];
 * const collector = new WritableStream({ write: (item) => void items.push(new TextDecoder().decode(item.data)) });
 * await client.requestStream("letters").readable({ highWaterMark: 16 }).pipeTo(collector);
 * items.join(" "); // "a b c"
 * await server.close();
 * ```
 *
 * As an observable, for libraries that take one; with rxjs, `from(stream)`:
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://observable", { requestStream: () => ["a", "b", "c"] });
 * const client = await connect("memory://observable");
 * const items = [];
 * await new Promise((resolve, reject) => {
 *   const observable = client.requestStream("letters")["@@observable"]();
 *   observable.subscribe({
 *     next: (item) => items.push(new TextDecoder().decode(item.data)),
 *     error: reject,
 *     complete: resolve,
 *   });
 * });
 * items.join(" "); // "a b c"
 * await server.close();
 * ```
 */
export interface PayloadStream extends AsyncIterable<Payload>, Publisher<Payload> {
  /** The stream as a ReadableStream. `highWaterMark` is how many items it asks for ahead; 256 by default. */
  readable(options?: { readonly highWaterMark?: number }): ReadableStream<Payload>;
  /**
   * The stream as an observable, also under `Symbol.observable` where that exists. An observer has no demand of its own:
   * `prefetch` items are asked for, and again when half of them came, however slow it is. `unsubscribe` cancels.
   */
  "@@observable"(): ObservableLike<Payload>;
}

/** How a stream gets its items: asked for once with the first demand, then credited, then perhaps cancelled. */
export interface PayloadSupply {
  /** Begins with a demand of `n`. Items go to `sink`. */
  start(n: number, sink: PayloadSink): void;
  requestN(n: number): void;
  /** No more is wanted. Also before the start, and after the end, when it means nothing. */
  cancel(): void;
  /** A subscriber's callback threw. Its stream was cancelled. */
  report(error: unknown): void;
}

/** A stream over a supply. */
export class SuppliedStream implements PayloadStream {
  readonly #supply: PayloadSupply;
  readonly #prefetch: number;
  readonly #initial: number;
  #used = false;

  constructor(supply: PayloadSupply, prefetch: number = DEFAULT_PREFETCH, initialRequestN: number = prefetch) {
    this.#supply = supply;
    this.#prefetch = prefetch;
    this.#initial = initialRequestN;
  }

  /** True once somebody consumes it, even without demand so far. */
  get used(): boolean {
    return this.#used;
  }

  [Symbol.asyncIterator](): AsyncIterator<Payload, undefined> {
    this.#use();
    const queue = new PullQueue(this.#supply, this.#prefetch, this.#initial);
    return { next: () => queue.pull(), return: () => queue.stop() };
  }

  subscribe(subscriber: Subscriber<Payload>): void {
    this.#use();
    const sink = new SubscriberSink(subscriber, this.#supply);
    subscriber.onSubscribe(sink);
  }

  readable(options?: { readonly highWaterMark?: number }): ReadableStream<Payload> {
    this.#use();
    const ahead = options?.highWaterMark ?? this.#prefetch;
    const queue = new PullQueue(this.#supply, Math.max(ahead, 1), Math.max(ahead, 1));
    return new ReadableStream<Payload>({
      async pull(controller) {
        const result = await queue.pull();
        if (result.done) controller.close();
        else controller.enqueue(result.value);
      },
      cancel: () => void queue.stop(),
    }, { highWaterMark: 0 });
  }

  "@@observable"(): ObservableLike<Payload> {
    return observableOf((observer) => {
      this.#use();
      return new ObserverSink(observer, this.#supply, this.#prefetch, this.#initial);
    });
  }

  static {
    // Libraries look for the symbol where somebody has defined it, and for the string elsewhere.
    const { observable } = Symbol as { readonly observable?: symbol };
    if (observable !== undefined) {
      Object.defineProperty(this.prototype, observable, { value: this.prototype["@@observable"], configurable: true });
    }
  }

  #use(): void {
    if (this.#used) {
      throw new UsageError("already-used", "Cannot consume this stream again: make a new request for each consumer");
    }
    this.#used = true;
  }
}

/** Items in a queue of at most the prefetch; pulling asks for more when half of it was taken. */
class PullQueue implements PayloadSink {
  readonly #supply: PayloadSupply;
  readonly #prefetch: number;
  readonly #initial: number;
  #queue: Payload[] = [];
  #head = 0;
  #taken: number;
  #started = false;
  #done = false;
  #failure: { readonly error: unknown } | undefined;
  #pulls: Pull[] = [];

  constructor(supply: PayloadSupply, prefetch: number, initial: number) {
    this.#supply = supply;
    this.#prefetch = prefetch;
    this.#initial = initial;
    // With a first request smaller than the prefetch, the rest is asked for with the first refill.
    this.#taken = prefetch - Math.min(initial, prefetch);
  }

  /** The next item, when it comes. */
  pull(): Promise<IteratorResult<Payload, undefined>> {
    if (this.#head < this.#queue.length) return Promise.resolve({ value: this.#take(), done: false });
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#done) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      this.#pulls.push({ resolve, reject });
      if (this.#started) return;
      this.#started = true;
      this.#supply.start(this.#initial, this);
    });
  }

  /** The consumer wants no more. */
  stop(): Promise<IteratorResult<Payload, undefined>> {
    this.#end();
    this.#queue = [];
    this.#head = 0;
    this.#failure = undefined;
    this.#supply.cancel();
    return Promise.resolve(END);
  }

  next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void {
    if (this.#done) return;
    const value = payloadOf(data, metadata, owned);
    const pull = this.#pulls.shift();
    if (complete) this.#done = true;
    if (pull === undefined) this.#queue.push(value);
    else {
      this.#count();
      pull.resolve({ value, done: false });
    }
    if (complete) this.#end();
  }

  complete(): void {
    this.#end();
  }

  error(error: unknown): void {
    if (this.#done) return;
    this.#done = true;
    const pull = this.#pulls.shift();
    if (pull === undefined) this.#failure = { error };
    else pull.reject(error);
    this.#end();
  }

  #take(): Payload {
    const payload = this.#queue[this.#head]!;
    this.#queue[this.#head++] = undefined as never; // let go of it
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    }
    this.#count();
    return payload;
  }

  /** One more was taken: asks for as many as were taken once that is half the prefetch. */
  #count(): void {
    this.#taken++;
    if (this.#done || this.#taken * 2 < this.#prefetch) return;
    const n = this.#taken;
    this.#taken = 0;
    this.#supply.requestN(n);
  }

  #end(): void {
    this.#done = true;
    for (const { resolve } of this.#pulls.splice(0)) resolve(END);
  }
}

interface Pull {
  readonly resolve: (result: IteratorResult<Payload, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const END: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** Items straight to a subscriber; its demand is the demand on the wire. */
class SubscriberSink implements PayloadSink, Subscription {
  readonly #subscriber: Subscriber<Payload>;
  readonly #supply: PayloadSupply;
  #started = false;
  #done = false;

  constructor(subscriber: Subscriber<Payload>, supply: PayloadSupply) {
    this.#subscriber = subscriber;
    this.#supply = supply;
  }

  request(n: number): void {
    if (this.#done) return;
    if (!(n >= 1)) throw new UsageError("bad-argument", `Cannot request ${n} items: the least is 1`);
    const wanted = Math.min(Math.floor(n), 0x7fff_ffff);
    if (this.#started) return this.#supply.requestN(wanted);
    this.#started = true;
    this.#supply.start(wanted, this);
  }

  cancel(): void {
    if (this.#done) return;
    this.#done = true;
    this.#supply.cancel();
  }

  next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void {
    if (this.#done) return;
    this.#done = complete;
    try {
      this.#subscriber.onNext(payloadOf(data, metadata, owned));
      if (complete) this.#subscriber.onComplete();
    } catch (thrown) {
      this.cancel();
      this.#supply.report(thrown);
    }
  }

  complete(): void {
    if (this.#done) return;
    this.#done = true;
    try {
      this.#subscriber.onComplete();
    } catch (thrown) {
      this.#supply.report(thrown);
    }
  }

  error(error: unknown): void {
    if (this.#done) return;
    this.#done = true;
    try {
      this.#subscriber.onError(error);
    } catch (thrown) {
      this.#supply.report(thrown);
    }
  }
}
