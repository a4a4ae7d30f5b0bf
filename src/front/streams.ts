/**
 * The shapes of streams at the API: Reactive Streams' three interfaces, and what can be a source of items. Types only.
 *
 * @module
 */

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

/** What a subscriber holds. `n` is 1 to 2^31-1 and sums saturate there; 0 throws UsageError. */
export interface Subscription {
  request(n: number): void;
  cancel(): void;
}

/** Who receives items, no more than it requested. */
export interface Subscriber<T> {
  onSubscribe(subscription: Subscription): void;
  onNext(value: T): void;
  onError(error: unknown): void;
  onComplete(): void;
}

/** Who gives items. */
export interface Publisher<T> {
  subscribe(subscriber: Subscriber<T>): void;
}

/** Anything items can come from. A bare string is refused: it would be sent letter by letter. */
export type Source<T> = AsyncIterable<T> | Iterable<Awaitable<T>> | ReadableStream<T> | Publisher<T>;
