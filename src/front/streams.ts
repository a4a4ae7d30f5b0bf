/**
 * The shapes of streams at the API: Reactive Streams' three interfaces, and what can be a source of items. Types only.
 *
 * @module
 */

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

/** What a subscriber holds. `n` is 1 to 2^31-1 and sums saturate there; 0 throws UsageError. */
export interface Subscription {
  /** Asks for `n` more items. Throws UsageError ("bad-argument") below 1. */
  request(n: number): void;
  /** Wants no more. Items that are on their way are dropped. */
  cancel(): void;
}

/**
 * Who receives items, no more than it requested. One that throws loses its stream: it is cancelled, and
 * `handler.onError` hears of it.
 */
export interface Subscriber<T> {
  /** Called first, and once. Nothing comes before something is requested. */
  onSubscribe(subscription: Subscription): void;
  /** One item. */
  onNext(value: T): void;
  /** The stream failed. Nothing follows. */
  onError(error: unknown): void;
  /** The stream has ended. Nothing follows. */
  onComplete(): void;
}

/** Who gives items. */
export interface Publisher<T> {
  /** Begins. Items come as the subscriber requests them. */
  subscribe(subscriber: Subscriber<T>): void;
}

/**
 * Anything items can come from. It is pulled as the peer asks for more, never ahead, and ended (`return()`, `cancel()`)
 * when the peer wants no more. A bare string is refused with UsageError: it would be sent letter by letter.
 *
 * ```js
 * import { collect, connect, serve } from "headrace/rsocket";
 * const sources = {
 *   array: () => ["a", "b"],
 *   iterable: () => new Set(["a", "b"]),
 *   promises: () => [Promise.resolve("a"), "b"],
 *   *generator() {
 *     yield "a";
 *     yield "b";
 *   },
 *   async *asyncGenerator() {
 *     yield "a";
 *     yield "b";
 *   },
 *   readableStream: () =>
 *     new ReadableStream({
 *       start(controller) {
 *         controller.enqueue("a");
 *         controller.enqueue("b");
 *         controller.close();
 *       },
 *     }),
 *   publisher: () => ({
 *     subscribe(subscriber) {
 *       const items = ["a", "b"];
 *       subscriber.onSubscribe({
 *         request(n) {
 *           for (const item of items.splice(0, n)) subscriber.onNext(item);
 *           if (items.length === 0) subscriber.onComplete();
 *         },
 *         cancel() {},
 *       });
 *     },
 *   }),
 * };
 * const text = new TextDecoder();
 * const server = await serve("memory://sources", { requestStream: (name) => sources[text.decode(name.data)]() });
 * const client = await connect("memory://sources");
 * for (const name of Object.keys(sources)) {
 *   const items = await collect(client.requestStream(name));
 *   items.map((item) => text.decode(item.data)).join(" "); // "a b"
 * }
 * await server.close();
 * ```
 */
export type Source<T> = AsyncIterable<T> | Iterable<Awaitable<T>> | ReadableStream<T> | Publisher<T>;
