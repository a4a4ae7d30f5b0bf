/**
 * The callback level: requests as plain calls, answers as calls of a sink. No promise, no queue, borrowed bytes.
 * Everything else in this folder stands on it.
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import type { Driver } from "../drive/driver.ts";
import type { RSocketConnection, RSocketEvent } from "../rsocket/mod.ts";

/**
 * Who hears of one stream. Bytes are borrowed until the call returns, unless `owned` is true. After `complete`,
 * `error`, or `next` with `complete`, nothing more comes from the peer.
 */
export interface PayloadSink {
  /** One item. `complete`: it is the last, and `complete()` is not called. */
  next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void;
  /** The peer sends no more. */
  complete(): void;
  /** The stream is over, both ways: RemoteError, PeerError or LinkError. */
  error(error: Error): void;
  /** The peer wants `n` more items of this side (channel and answers). */
  requestN?(n: number): void;
  /** The peer wants no more items of this side. */
  cancel?(): void;
}

/**
 * Requests to one peer, at the callback level. Calls throw UsageError when the connection is not open, and new requests
 * ("send-overflow") while more than `maxSendBytes` wait to be sent. Data and metadata belong to the library from the
 * call on. Requests give the id of their stream, which the other calls take; one for a stream that is over does nothing.
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://letters", { requestStream: () => ["a", "b", "c"] });
 * const { requester } = await connect("memory://letters");
 * const heard = [];
 * await new Promise((resolve, reject) => {
 *   const id = requester.requestStream(new Uint8Array(0), undefined, 1, {
 *     next(data, _metadata, complete) {
 *       heard.push(new TextDecoder().decode(data)); // borrowed: not to be kept
 *       if (complete) resolve();
 *       else requester.requestN(id, 1);
 *     },
 *     complete: resolve,
 *     error: reject,
 *   });
 * });
 * heard.join(" "); // "a b c"
 * await server.close();
 * ```
 */
export interface Requester {
  /** False: the link holds as much as it should; wait for `onWritable` before sending more. */
  readonly isWritable: boolean;
  /** Calls `run` once, when the link takes more again. */
  onWritable(run: () => void): void;
  /** Asks for one answer. Gives the stream's id. */
  requestResponse(data: Uint8Array, metadata: Uint8Array | undefined, sink: PayloadSink): number;
  /** Asks for a stream, and for its first `n` items. Gives the stream's id. */
  requestStream(data: Uint8Array, metadata: Uint8Array | undefined, n: number, sink: PayloadSink): number;
  /** Opens a channel and asks for the peer's first `n` items. Gives the stream's id. `complete`: the first item is the last of this side. */
  requestChannel(
    data: Uint8Array,
    metadata: Uint8Array | undefined,
    n: number,
    sink: PayloadSink,
    complete?: boolean,
  ): number;
  /** Sends a request that nobody answers. False: wait for `onWritable` before the next. */
  fireAndForget(data: Uint8Array, metadata?: Uint8Array): boolean;
  /** Sends metadata about the connection. False: wait for `onWritable` before the next. */
  metadataPush(metadata: Uint8Array): boolean;
  /** Sends an item. False: wait for `onWritable`. Throws UsageError ("no-demand"). */
  payload(id: number, data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean): boolean;
  /** Says that this side sends no more items. */
  complete(id: number): void;
  /** Asks for `n` more items of the peer. Throws UsageError ("bad-argument") below 1. */
  requestN(id: number, n: number): void;
  /** Wants nothing more of the peer. */
  cancel(id: number): void;
  /** Ends a stream with ERROR: a code as RSocketError takes it, and text that the peer may read. */
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
    this.#checkRoom();
    const id = this.#machine.requestResponse(data, metadata, sink);
    this.#driver.touch();
    return id;
  }

  requestStream(data: Uint8Array, metadata: Uint8Array | undefined, n: number, sink: PayloadSink): number {
    this.#checkRoom();
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
    this.#checkRoom();
    const id = this.#machine.requestChannel(data, metadata, n, complete, sink);
    this.#driver.touch();
    return id;
  }

  fireAndForget(data: Uint8Array, metadata?: Uint8Array): boolean {
    this.#checkRoom();
    this.#machine.fireAndForget(data, metadata);
    this.#driver.touch();
    return this.#driver.isWritable;
  }

  metadataPush(metadata: Uint8Array): boolean {
    this.#checkRoom();
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

  #checkRoom(): void {
    if (this.#driver.isWritable || !this.#driver.isOver) return;
    const text = "Cannot request: more than maxSendBytes wait to be sent; wait for onWritable, or for earlier calls";
    throw new UsageError("send-overflow", text);
  }
}
