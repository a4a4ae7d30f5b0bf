/**
 * Sends the items of a source on a stream: no more than the peer asked for, and none while the link is full. It pulls;
 * it never buffers.
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import { addCredit } from "../kit/credit.ts";
import { dataOf, metadataOf, type PayloadInit } from "./payload.ts";
import type { Requester } from "./requester.ts";
import type { Awaitable, Publisher, Source, Subscription } from "./streams.ts";

/** Where items go, and what happens at the end. */
export interface Outlet {
  readonly requester: Requester;
  readonly id: number;
  /** The source failed with this. */
  failed(error: unknown): void;
  /** The source has ended, in whatever way. Called once. */
  ended(): void;
}

/** Feeds one stream from one source. */
export interface Feed {
  /** The peer wants `n` more. */
  requestN(n: number): void;
  /** The peer wants no more, or is gone. */
  cancel(): void;
}

/** Begins to feed. `credit` is what the peer asked for so far. Throws UsageError for what is no source. */
export function feed(source: Source<PayloadInit>, outlet: Outlet, credit: number): Feed {
  if (typeof source === "object" && source !== null) {
    if ("@@observable" in source && !(Symbol.asyncIterator in source)) {
      throw new UsageError(
        "bad-argument",
        "Cannot send the items of an Observable: it knows no demand; make an async iterable or a Publisher of it",
      );
    }
    if ("subscribe" in source) return new PublisherFeed(source, outlet, credit);
    const iterator = iteratorOf(source);
    const size = Array.isArray(source) ? source.length : Infinity;
    if (iterator !== undefined) return new PullFeed(iterator, outlet, credit, size);
  }
  throw new UsageError(
    "bad-argument",
    `Cannot send items of ${typeof source}: give an iterable, a stream or a Publisher`,
  );
}

type Puller = { next(): Awaitable<IteratorResult<Awaitable<PayloadInit>>>; return?(): unknown };

function iteratorOf(source: object): Puller | undefined {
  if (Symbol.asyncIterator in source) return (source as AsyncIterable<PayloadInit>)[Symbol.asyncIterator]();
  if (Symbol.iterator in source) return (source as Iterable<Awaitable<PayloadInit>>)[Symbol.iterator]();
  if (!("getReader" in source)) return undefined;
  const reader = (source as ReadableStream<PayloadInit>).getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<PayloadInit>>,
    return: () => reader.cancel(),
  };
}

/** Pulls from an iterator, in turns: as long as answers are there at once, without giving up the thread of execution. */
class PullFeed implements Feed {
  readonly #iterator: Puller;
  readonly #outlet: Outlet;
  #credit: number;
  /** Items to come, where that is known: then the last one says that it is. */
  #left: number;
  #running = false;
  #over = false;

  constructor(iterator: Puller, outlet: Outlet, credit: number, size: number) {
    this.#left = size;
    this.#iterator = iterator;
    this.#outlet = outlet;
    this.#credit = credit;
    // The first pull waits a turn, so that whoever made the source has returned.
    if (credit > 0) void Promise.resolve().then(this.#go);
  }

  requestN(n: number): void {
    this.#credit = addCredit(this.#credit, n);
    this.#go();
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#leave();
  }

  readonly #go = (): void => {
    if (this.#running || this.#over) return;
    this.#running = true;
    void this.#run();
  };

  async #run(): Promise<void> {
    const { requester } = this.#outlet;
    let pulling = false;
    try {
      while (this.#credit > 0 && !this.#over) {
        if (!requester.isWritable) {
          this.#running = false;
          return requester.onWritable(this.#go);
        }
        pulling = true;
        let result = this.#iterator.next();
        if (isThenable(result)) result = await result;
        pulling = false;
        if (this.#over) return;
        if (result.done) return this.#end();
        let item = result.value;
        if (isThenable(item)) item = await item;
        if (this.#over) return;
        this.#credit--;
        const last = --this.#left === 0;
        requester.payload(this.#outlet.id, dataOf(item), metadataOf(item), last);
        if (last) return this.#ended();
      }
      this.#running = false;
    } catch (error) {
      if (this.#over) return;
      this.#over = true;
      this.#outlet.failed(error);
      // An iterator that failed has ended itself; one whose item cannot be sent has not.
      if (pulling) this.#outlet.ended();
      else this.#leave();
    }
  }

  /** Ends the iterator. What it does then is nobody's to hear of any more. */
  #leave(): void {
    let leaving: unknown;
    try {
      leaving = this.#iterator.return?.();
    } catch {
      // As above.
    }
    void Promise.resolve(leaving).then(undefined, () => {}).then(() => this.#outlet.ended());
  }

  #end(): void {
    this.#outlet.requester.complete(this.#outlet.id);
    this.#ended();
  }

  #ended(): void {
    this.#over = true;
    this.#outlet.ended();
  }
}

/** Passes the peer's demand on to a publisher, in parts, so that a full link holds it back. */
class PublisherFeed implements Feed {
  readonly #outlet: Outlet;
  #subscription: Subscription | undefined;
  #credit: number;
  #asked = 0;
  /** The largest item of those asked for together; what is not known yet counts as much. */
  #largest = MOST_BYTES_AT_ONCE;
  #largestNow = 0;
  #asking = false;
  #over = false;

  constructor(source: Publisher<PayloadInit>, outlet: Outlet, credit: number) {
    this.#outlet = outlet;
    this.#credit = credit;
    source.subscribe({
      onSubscribe: (subscription) => {
        this.#subscription = subscription;
        if (this.#over) subscription.cancel();
        else this.#ask();
      },
      onNext: (item) => this.#next(item),
      onError: (error) => this.#fail(error),
      onComplete: () => {
        if (!this.#close()) return;
        this.#outlet.requester.complete(this.#outlet.id);
        this.#outlet.ended();
      },
    });
  }

  requestN(n: number): void {
    this.#credit = addCredit(this.#credit, n);
    this.#ask();
  }

  cancel(): void {
    if (!this.#close()) return;
    this.#leave();
    this.#outlet.ended();
  }

  /** A publisher may give its items from inside `request`: the loop goes on here then, and the stack does not grow. */
  readonly #ask = (): void => {
    if (this.#asking || this.#subscription === undefined) return;
    const { requester } = this.#outlet;
    this.#asking = true;
    try {
      while (!this.#over && this.#asked === 0 && this.#credit > 0) {
        if (!requester.isWritable) {
          requester.onWritable(this.#ask);
          break;
        }
        this.#asked = Math.min(this.#credit, this.#atOnce());
        this.#credit -= this.#asked;
        this.#subscription.request(this.#asked);
      }
    } catch (error) {
      this.#leave();
      this.#fail(error);
    } finally {
      this.#asking = false;
    }
  };

  /** As many as are 256 at most, and 1 MiB if they are like those before. Nothing holds back what was asked for. */
  #atOnce(): number {
    if (this.#largestNow > 0) this.#largest = this.#largestNow;
    this.#largestNow = 0;
    return Math.min(Math.max(Math.floor(MOST_BYTES_AT_ONCE / this.#largest), 1), MOST_AT_ONCE);
  }

  #next(item: PayloadInit): void {
    if (this.#over) return;
    try {
      if (this.#asked === 0) {
        throw new UsageError("no-demand", "Cannot send: the Publisher gave more than was requested");
      }
      this.#asked--;
      const data = dataOf(item);
      const metadata = metadataOf(item);
      this.#largestNow = Math.max(this.#largestNow, data.length + (metadata?.length ?? 0), 1);
      this.#outlet.requester.payload(this.#outlet.id, data, metadata, false);
    } catch (error) {
      this.#leave();
      return this.#fail(error);
    }
    this.#ask();
  }

  #fail(error: unknown): void {
    if (!this.#close()) return;
    this.#outlet.failed(error);
    this.#outlet.ended();
  }

  /** Cancels the subscription. What the publisher throws then is nobody's to hear of any more. */
  #leave(): void {
    try {
      this.#subscription?.cancel();
    } catch {
      // As above.
    }
  }

  #close(): boolean {
    const was = this.#over;
    this.#over = true;
    return !was;
  }
}

/** Items asked of a publisher before looking at the link again. */
const MOST_AT_ONCE = 256;
/** Their bytes, as far as the items before tell. */
const MOST_BYTES_AT_ONCE = 1_048_576;

function isThenable<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
