/**
 * A stream for libraries of observables, which know no demand: it asks for as many items as the prefetch, and again when
 * half of them was given. It never holds an item.
 *
 * @module
 */
import { type Payload, payloadOf } from "./payload.ts";
import type { PayloadSupply } from "./payload-stream.ts";
import type { PayloadSink } from "./requester.ts";

/** Who hears of an observable. A method that is absent hears of nothing. */
export interface Observer<T> {
  /** One item. */
  readonly next?: (value: T) => void;
  /** The stream failed. Nothing follows. */
  readonly error?: (error: unknown) => void;
  /** The stream has ended. Nothing follows. */
  readonly complete?: () => void;
}

/** What `Symbol.observable` gives: the part of the proposal for observables that libraries such as rxjs use. */
export interface ObservableLike<T> {
  /** Begins. `unsubscribe` cancels the stream; afterwards the observer hears of nothing more. */
  subscribe(observer: Observer<T>): { unsubscribe(): void };
  /** Itself. */
  "@@observable"(): ObservableLike<T>;
}

/** An observable over a supply. `begin` is called with each subscription and throws when there may not be one. */
export function observableOf(begin: (observer: Observer<Payload>) => ObserverSink): ObservableLike<Payload> {
  const observable: ObservableLike<Payload> = {
    subscribe(observer) {
      const sink = begin(observer);
      sink.start();
      return { unsubscribe: () => sink.unsubscribe() };
    },
    "@@observable": () => observable,
  };
  return observable;
}

/** Items straight to an observer. */
export class ObserverSink implements PayloadSink {
  readonly #observer: Observer<Payload>;
  readonly #supply: PayloadSupply;
  readonly #prefetch: number;
  readonly #initial: number;
  #given: number;
  #done = false;

  constructor(observer: Observer<Payload>, supply: PayloadSupply, prefetch: number, initial: number) {
    this.#observer = observer;
    this.#supply = supply;
    this.#prefetch = prefetch;
    this.#initial = initial;
    // With a first request smaller than the prefetch, the rest is asked for with the first refill.
    this.#given = prefetch - Math.min(initial, prefetch);
  }

  start(): void {
    this.#supply.start(this.#initial, this);
  }

  unsubscribe(): void {
    if (this.#done) return;
    this.#done = true;
    this.#supply.cancel();
  }

  next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void {
    if (this.#done) return;
    try {
      this.#observer.next?.(payloadOf(data, metadata, owned));
    } catch (thrown) {
      this.unsubscribe();
      return this.#supply.report(thrown);
    }
    if (complete) this.complete();
    else this.#refill();
  }

  complete(): void {
    if (this.#done) return;
    this.#done = true;
    this.#tell(() => this.#observer.complete?.());
  }

  error(error: unknown): void {
    if (this.#done) return;
    this.#done = true;
    // An error that nobody listens for is not lost.
    if (this.#observer.error === undefined) return this.#supply.report(error);
    this.#tell(() => this.#observer.error?.(error));
  }

  #refill(): void {
    this.#given++;
    if (this.#done || this.#given * 2 < this.#prefetch) return;
    const n = this.#given;
    this.#given = 0;
    this.#supply.requestN(n);
  }

  #tell(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.#supply.report(thrown);
    }
  }
}
