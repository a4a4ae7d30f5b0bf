/**
 * The callback level: requests as plain calls, answers as calls of a sink. No promise, no queue, borrowed bytes.
 * Everything else in this folder stands on it.
 *
 * @module
 */
import type { Driver } from "../drive/driver.ts";
import type { RSocketConnection, RSocketEvent } from "../rsocket/mod.ts";

/**
 * Who hears of one stream. Bytes are borrowed until the call returns, unless `owned` is true. After `complete`,
 * `error`, or `next` with `complete`, nothing more comes from the peer.
 */
export interface PayloadSink {
  next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void;
  complete(): void;
  error(error: Error): void;
  /** The peer wants `n` more items of this side (channel and answers). */
  requestN?(n: number): void;
  /** The peer wants no more items of this side. */
  cancel?(): void;
}

/** Requests to one peer, at the callback level. Calls throw UsageError when the connection is not open. */
export interface Requester {
  /** False: the link holds as much as it should; wait for `onWritable` before sending more. */
  readonly isWritable: boolean;
  /** Calls `run` once, when the link takes more again. */
  onWritable(run: () => void): void;
  requestResponse(data: Uint8Array, metadata: Uint8Array | undefined, sink: PayloadSink): number;
  requestStream(data: Uint8Array, metadata: Uint8Array | undefined, n: number, sink: PayloadSink): number;
  /** `complete`: the first item is the last of this side. */
  requestChannel(
    data: Uint8Array,
    metadata: Uint8Array | undefined,
    n: number,
    sink: PayloadSink,
    complete?: boolean,
  ): number;
  fireAndForget(data: Uint8Array, metadata?: Uint8Array): boolean;
  metadataPush(metadata: Uint8Array): boolean;
  /** Sends an item. False: wait for `onWritable`. Throws UsageError ("no-demand"). */
  payload(id: number, data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean): boolean;
  complete(id: number): void;
  requestN(id: number, n: number): void;
  cancel(id: number): void;
  fail(id: number, code: number, message: string): void;
}

/** A requester over one connection. */
export class ConnectionRequester implements Requester {
  readonly #machine: RSocketConnection<PayloadSink>;
  readonly #driver: Driver<RSocketEvent<PayloadSink>>;
  readonly #report: (error: unknown) => void;
  #waiting: (() => void)[] | undefined;

  /** `report` hears what a callback of `onWritable` throws. */
  constructor(
    machine: RSocketConnection<PayloadSink>,
    driver: Driver<RSocketEvent<PayloadSink>>,
    report: (error: unknown) => void,
  ) {
    this.#machine = machine;
    this.#driver = driver;
    this.#report = report;
  }

  get isWritable(): boolean {
    return this.#driver.isWritable;
  }

  onWritable(run: () => void): void {
    (this.#waiting ??= []).push(run);
  }

  /** The link takes more again, or never will: whoever waits goes on. */
  wakeWriters(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const run of waiting ?? []) {
      try {
        run();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  requestResponse(data: Uint8Array, metadata: Uint8Array | undefined, sink: PayloadSink): number {
    const id = this.#machine.requestResponse(data, metadata, sink);
    this.#driver.touch();
    return id;
  }

  requestStream(data: Uint8Array, metadata: Uint8Array | undefined, n: number, sink: PayloadSink): number {
    const id = this.#machine.requestStream(data, metadata, n, sink);
    this.#driver.touch();
    return id;
  }

  requestChannel(
    data: Uint8Array,
    metadata: Uint8Array | undefined,
    n: number,
    sink: PayloadSink,
    complete: boolean = false,
  ): number {
    const id = this.#machine.requestChannel(data, metadata, n, complete, sink);
    this.#driver.touch();
    return id;
  }

  fireAndForget(data: Uint8Array, metadata?: Uint8Array): boolean {
    this.#machine.fireAndForget(data, metadata);
    this.#driver.touch();
    return this.#driver.isWritable;
  }

  metadataPush(metadata: Uint8Array): boolean {
    this.#machine.metadataPush(metadata);
    this.#driver.touch();
    return this.#driver.isWritable;
  }

  payload(id: number, data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean): boolean {
    this.#machine.payload(id, data, metadata, complete);
    this.#driver.touch();
    return this.#driver.isWritable;
  }

  complete(id: number): void {
    this.#machine.complete(id);
    this.#driver.touch();
  }

  requestN(id: number, n: number): void {
    this.#machine.requestN(id, n);
    this.#driver.touch();
  }

  cancel(id: number): void {
    this.#machine.cancel(id);
    this.#driver.touch();
  }

  fail(id: number, code: number, message: string): void {
    this.#machine.fail(id, code, message);
    this.#driver.touch();
  }
}
