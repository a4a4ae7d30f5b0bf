/**
 * A client: connects when asked to or with the first request, and offers its peer. It knows targets; the peer knows
 * the connection.
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import type { CloseInfo } from "../contract/link.ts";
import type { CallOptions } from "../contract/transport.ts";
import { type ConnectionOptions, RSocketConnection } from "../rsocket/mod.ts";
import { Attempt } from "./attempt.ts";
import { lessTime } from "./call.ts";
import { dial, discard, nameOf } from "./dial.ts";
import { establish } from "./establish.ts";
import type { RequestHandler } from "./handler.ts";
import { runtimeOf } from "./host.ts";
import { type Bytes, dataOf, metadataOf, type Payload, type PayloadInit } from "./payload.ts";
import type { PayloadStream } from "./payload-stream.ts";
import { type Peer, streamOf } from "./peer.ts";
import { RequestedSupply } from "./requested.ts";
import type { Requester } from "./requester.ts";
import type { RSocket, RSocketOptions, SocketState, StreamOptions, Target } from "./rsocket-types.ts";
import type { Source } from "./streams.ts";

/**
 * An RSocket client. Not connected until `connect()` or the first request. After a lost connection calls reject with
 * UsageError ("not-connected") until `connect()` has made a new one.
 *
 * ```js
 * import { RSocketClient, serve } from "headrace/rsocket";
 * const server = await serve("memory://lazy", { requestResponse: () => "hello" });
 * const client = new RSocketClient("memory://lazy");
 * client.state; // "idle"
 * await client.requestResponse("the first request connects");
 * client.state; // "open"
 * await client.close();
 * client.state; // "closed"
 * await server.close();
 * ```
 */
export class RSocketClient implements RSocket {
  readonly #target: Target;
  readonly #options: RSocketOptions;
  readonly #connection: Omit<ConnectionOptions, "role" | "framing" | "slabs">;
  #peer: Peer | undefined;
  #attempt: Attempt<Peer> | undefined;
  #closedByUser = false;
  #closed: { promise: Promise<CloseInfo>; resolve: (info: CloseInfo) => void } = settleable();

  /** Throws UsageError ("bad-argument") for what SETUP or a connection cannot have. */
  constructor(target: Target, options: RSocketOptions = {}) {
    this.#target = target;
    this.#options = options;
    this.#connection = { setup: setupOptions(options.setup), ...connectionOptions(options) };
    checkConnection("client", this.#connection);
  }

  /**
   * Connects, or waits for the connection that is being made. Rejects with LinkError, UsageError or the signal's reason;
   * the attempt itself ends when nobody waits for it any more.
   */
  async connect(options: CallOptions = {}): Promise<this> {
    await this.#open(options);
    return this;
  }

  get state(): SocketState {
    if (this.#attempt !== undefined) return "connecting";
    if (this.#peer !== undefined) return this.#peer.state;
    return this.#closedByUser ? "closed" : "idle";
  }

  get dropped(): number {
    return this.#peer?.dropped ?? 0;
  }

  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  get requester(): Requester {
    if (this.#peer !== undefined) return this.#peer.requester;
    throw new UsageError("not-connected", `Cannot use requester: the client is ${this.state}; await connect() first`);
  }

  fireAndForget(payload: PayloadInit, options?: CallOptions): Promise<void> {
    return this.#with(options, (peer, left) => peer.fireAndForget(payload, left));
  }

  requestResponse(payload: PayloadInit, options?: CallOptions): Promise<Payload> {
    return this.#with(options, (peer, left) => peer.requestResponse(payload, left));
  }

  metadataPush(metadata: Bytes, options?: CallOptions): Promise<void> {
    return this.#with(options, (peer, left) => peer.metadataPush(metadata, left));
  }

  requestStream(payload: PayloadInit, options?: StreamOptions): PayloadStream {
    return streamOf(this.#supply(payload, undefined, options), options);
  }

  requestChannel(first: PayloadInit, rest?: Source<PayloadInit>, options?: StreamOptions): PayloadStream {
    return streamOf(this.#supply(first, rest ?? null, options), options);
  }

  async close(options?: { readonly drainMs?: number; readonly error?: Error }): Promise<void> {
    this.#closedByUser = true;
    const attempt = this.#attempt;
    attempt?.abort(closedByUser());
    await Promise.all([attempt?.over, this.#peer?.close(options)]);
    this.#closed.resolve({ code: "closed", reason: "closed by this side" }); // unless it was told by the peer before
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #supply(first: PayloadInit, rest: Source<PayloadInit> | null | undefined, options?: StreamOptions): RequestedSupply {
    dataOf(first); // a wrong argument is told where it was given
    metadataOf(first);
    const at = () => {
      if (this.#peer === undefined || this.#attempt !== undefined) return this.#open(options ?? {});
      this.#peer.checkOpen();
      return this.#peer;
    };
    return new RequestedSupply(first, rest, at, runtimeOf(this.#options).clock, options);
  }

  #with<T>(
    options: CallOptions | undefined,
    call: (peer: Peer, options: CallOptions | undefined) => Promise<T>,
  ): Promise<T> {
    if (this.#peer !== undefined && this.#attempt === undefined) return call(this.#peer, options);
    const { clock } = runtimeOf(this.#options);
    const startMs = clock.now();
    return this.#open(options ?? {}).then((peer) => call(peer, lessTime(options, clock.now() - startMs)));
  }

  async #open(call: CallOptions): Promise<Peer> {
    if (this.#closedByUser) throw closedByUser();
    if (this.#peer !== undefined && this.#peer.info === undefined) return this.#peer;
    if (call.signal?.aborted) throw call.signal.reason;
    this.#attempt ??= new Attempt(async (signal) => {
      try {
        return await this.#establish(signal);
      } finally {
        this.#attempt = undefined;
      }
    });
    const { clock } = runtimeOf(this.#options);
    return this.#attempt.join({ ...this.#options, ...call }, clock, `connecting to ${nameOf(this.#target)}`);
  }

  async #establish(signal: AbortSignal): Promise<Peer> {
    const options = this.#options;
    const wire = await dial(this.#target, options, signal);
    const giveUp = () => discard(wire); // a session may be slow to open its first stream
    signal.addEventListener("abort", giveUp);
    const peer = await establish(wire, {
      role: "client",
      runtime: runtimeOf(options),
      socket: this,
      handler: (socket) => handlerOf(options.handler, socket),
      connection: this.#connection,
    }).catch((error) => {
      throw signal.aborted ? signal.reason : error;
    });
    signal.removeEventListener("abort", giveUp);
    signal.throwIfAborted();
    if (this.#peer !== undefined) this.#closed = settleable();
    this.#peer = peer;
    const { resolve } = this.#closed;
    void peer.closed.then(resolve);
    return peer;
  }
}

/**
 * Connects a client. Resolves when the link is there and SETUP is on its way; a server that refuses it says so by closing
 * (`closed`, and the error of calls). Rejects with LinkError, UsageError or the signal's reason. `timeoutMs` and `signal`
 * are those of this call. A program ends when its clients are closed.
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://greeter", { requestResponse: () => "hello" });
 * const client = await connect("memory://greeter", { timeoutMs: 5_000, setup: { keepAliveMs: 10_000 } });
 * const answer = await client.requestResponse("greet me");
 * new TextDecoder().decode(answer.data); // "hello"
 * await client.close();
 * await server.close();
 * const error = await connect("memory://greeter").catch((reason) => reason);
 * error.code; // "link-refused"
 * ```
 */
export async function connect(target: Target, options: RSocketOptions = {}): Promise<RSocketClient> {
  return await new RSocketClient(target, options).connect();
}

/** The options of the machine among those of a front. */
export function connectionOptions(
  options: RSocketOptions,
): Pick<RSocketOptions, "limits" | "fragmentBytes" | "mapping"> {
  const { limits, fragmentBytes, mapping } = options;
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(fragmentBytes === undefined ? {} : { fragmentBytes }),
    ...(mapping === undefined ? {} : { mapping }),
  };
}

/** Throws now what a connection with these options would throw later, when nobody is there to hear it. */
export function checkConnection(
  role: "client" | "server",
  options: Omit<ConnectionOptions, "role" | "framing" | "slabs">,
): void {
  void new RSocketConnection({ ...options, role, framing: "prefixed" }, 0);
}

function setupOptions(setup: RSocketOptions["setup"] = {}): NonNullable<ConnectionOptions["setup"]> {
  const { payload, ...rest } = setup;
  if (payload === undefined) return rest;
  const metadata = metadataOf(payload);
  return { ...rest, data: dataOf(payload), ...(metadata === undefined ? {} : { metadata }) };
}

function closedByUser(): UsageError {
  return new UsageError("not-connected", "Cannot connect: this client was closed; make a new one");
}

function handlerOf(handler: RSocketOptions["handler"], socket: RSocket): RequestHandler {
  return typeof handler === "function" ? handler(socket) : (handler ?? {});
}

function settleable(): { promise: Promise<CloseInfo>; resolve: (info: CloseInfo) => void } {
  let resolve!: (info: CloseInfo) => void;
  const promise = new Promise<CloseInfo>((settle) => (resolve = settle));
  return { promise, resolve };
}
