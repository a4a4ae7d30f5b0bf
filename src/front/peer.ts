/**
 * One connection at the API: the machine, its driver and the application's handler, joined. It makes promises of
 * callbacks and callbacks of events, and never sees bytes that are not payloads.
 *
 * @module
 */
import { HeadraceError, LinkError, PeerError, UsageError } from "../contract/errors.ts";
import type { Limits } from "../contract/limits.ts";
import type { CloseInfo, Link, LinkInfo } from "../contract/link.ts";
import type { Runtime } from "../contract/runtime.ts";
import type { CallOptions } from "../contract/transport.ts";
import { Driver, type DriverOwner, type LaneSet } from "../drive/driver.ts";
import { limitsOf } from "../kit/limits.ts";
import { type ConnectionOptions, RSocketConnection, type RSocketEvent, type SetupFrame } from "../rsocket/mod.ts";
import { watch } from "./call.ts";
import type { RequestContext, RequestHandler, Setup } from "./handler.ts";
import { type Bytes, bytesOf, dataOf, metadataOf, type Payload, type PayloadInit, payloadOf } from "./payload.ts";
import { DEFAULT_PREFETCH, type PayloadStream, type PayloadSupply, SuppliedStream } from "./payload-stream.ts";
import { publicPart, RSocketError } from "./public-error.ts";
import { type Origin, RequestedSupply } from "./requested.ts";
import { ConnectionRequester, type PayloadSink, type Requester } from "./requester.ts";
import { respond, type ResponderOwner } from "./responder.ts";
import { ResponseSink } from "./response.ts";
import type { RSocket, SocketState, StreamOptions } from "./rsocket-types.ts";
import type { Awaitable, Source } from "./streams.ts";

/** What a peer is made of. */
export interface PeerOptions {
  readonly role: "client" | "server";
  readonly runtime: Runtime;
  readonly link: Link;
  readonly connection: Omit<ConnectionOptions, "role" | "framing" | "slabs">;
  /** Called once, with the peer, before anything is handled. */
  readonly handler: (socket: RSocket) => Awaitable<RequestHandler>;
  /** What handlers see as their socket; the peer itself by default. */
  readonly socket?: RSocket;
  readonly lanes?: LaneSet;
  /** Called once: the client was taken or refused, or is gone. */
  readonly decided?: () => void;
}

/** An open connection as an RSocket. */
export class Peer implements RSocket, DriverOwner<RSocketEvent<PayloadSink>>, ResponderOwner, Origin {
  readonly requester: Requester;
  readonly closed: Promise<CloseInfo>;
  handler: RequestHandler = {};
  readonly #requester: ConnectionRequester;
  readonly #machine: RSocketConnection<PayloadSink>;
  readonly #driver: Driver<RSocketEvent<PayloadSink>>;
  readonly #runtime: Runtime;
  readonly #link: LinkInfo;
  readonly #socket: RSocket;
  readonly #makeHandler: (socket: RSocket) => Awaitable<RequestHandler>;
  readonly #limits: Limits;
  readonly #decided: (() => void) | undefined;
  /** Handlers that run, of what nobody answers, and what was dropped because they were too many. */
  #forgetting = 0;
  #pushing = 0;
  #dropped = 0;
  #resolveClosed!: (info: CloseInfo) => void;
  #info: CloseInfo | undefined;
  #principal: unknown;
  #setup: Setup | undefined;
  /** Aborts with the connection; made when somebody looks. */
  #lost: AbortController | undefined;

  constructor(options: PeerOptions) {
    const { runtime, link } = options;
    this.#runtime = runtime;
    this.#link = link.info;
    this.#socket = options.socket ?? this;
    this.#makeHandler = options.handler;
    this.#decided = options.decided;
    this.#limits = limitsOf(options.connection.limits);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const framing = link.kind === "bytes" ? "prefixed" : "message";
    // A link of its own has no other lanes, whatever the mapping says of sessions.
    const mapping = options.lanes === undefined ? "single" : options.connection.mapping ?? "single";
    const made = { ...options.connection, role: options.role, framing, mapping, slabs: runtime.slabs } as const;
    this.#machine = new RSocketConnection(made, runtime.clock.now());
    this.#driver = new Driver(this.#machine, link, runtime.clock, this, options.lanes, this.#limits);
    this.requester = this.#requester = new ConnectionRequester(
      this.#machine,
      this.#driver,
      (error) => this.report(error),
    );
  }

  /** Begins to speak. A client's handler is made now, a server's when SETUP has come. */
  async start(): Promise<void> {
    if (this.#machine.setup !== undefined) this.handler = await this.#makeHandler(this.#socket);
    this.#driver.start();
  }

  /** The machine and driver, for a session that starts the driver itself. */
  get parts(): { machine: RSocketConnection<PayloadSink>; driver: Driver<RSocketEvent<PayloadSink>> } {
    return { machine: this.#machine, driver: this.#driver };
  }

  // RSocket

  get state(): SocketState {
    const { state } = this.#machine;
    return state === "awaitingSetup" || state === "deciding" ? "connecting" : state;
  }

  get dropped(): number {
    return this.#dropped + this.#machine.dropped;
  }

  /** Why the connection is over, once it is. */
  get info(): CloseInfo | undefined {
    return this.#info;
  }

  fireAndForget(payload: PayloadInit, options?: CallOptions): Promise<void> {
    return this.#sent(options, () => this.requester.fireAndForget(dataOf(payload), metadataOf(payload)));
  }

  metadataPush(metadata: Bytes, options?: CallOptions): Promise<void> {
    return this.#sent(options, () => this.requester.metadataPush(bytesOf(metadata, "metadata")));
  }

  requestResponse(payload: PayloadInit, options?: CallOptions): Promise<Payload> {
    return new Promise((resolve, reject) => {
      if (options?.signal?.aborted) throw options.signal.reason;
      this.checkOpen();
      const sink = new ResponseSink(resolve, reject);
      const id = this.requester.requestResponse(dataOf(payload), metadataOf(payload), sink);
      if (options === undefined) return;
      sink.unwatch = watch(options, this.#runtime.clock, "requestResponse", (reason) => {
        this.requester.cancel(id);
        reject(reason);
      });
    });
  }

  requestStream(payload: PayloadInit, options?: StreamOptions): PayloadStream {
    return streamOf(this.supply(payload, undefined, options), options);
  }

  requestChannel(first: PayloadInit, rest?: Source<PayloadInit>, options?: StreamOptions): PayloadStream {
    return streamOf(this.supply(first, rest ?? null, options), options);
  }

  /** The items of a stream (`rest` undefined) or channel (`rest` null: no more of this side). */
  supply(first: PayloadInit, rest: Source<PayloadInit> | null | undefined, options?: StreamOptions): PayloadSupply {
    const at = () => {
      this.checkOpen();
      return this;
    };
    return new RequestedSupply(first, rest, at, this.#runtime.clock, options);
  }

  close(options?: { readonly drainMs?: number; readonly error?: Error }): Promise<void> {
    const { error } = options ?? {};
    if (error !== undefined) {
      const told = error instanceof RSocketError ? error.message : "the application gave the connection up";
      this.#machine.abort(
        error instanceof HeadraceError ? error : new HeadraceError("connection-error", error.message, { cause: error }),
        told,
      );
    } else this.#machine.close(this.#runtime.clock.now(), options?.drainMs ?? 0);
    this.#driver.pump();
    return this.closed.then(() => this.#driver.gone());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // DriverOwner

  event(event: RSocketEvent<PayloadSink>): void {
    try {
      this.#dispatch(event);
    } catch (error) {
      this.report(error);
      if (!("context" in event)) return;
      // Whichever the stream allows: as its requester, or as its responder.
      const { code, message } = publicPart(error);
      this.requester.cancel(event.id);
      this.requester.fail(event.id, code, message);
    }
  }

  writable(): void {
    this.#machine.congested(false);
    this.#requester.wakeWriters();
  }

  full(): void {
    this.#machine.congested(true);
  }

  slow(how: string): void {
    const error = new PeerError("slow-consumer", `Cannot go on with the connection: the peer does not read; ${how}`);
    this.#guard(() => this.handler.onError?.(error, this.#socket));
    this.#machine.abort(error, "this side waited too long for the peer to read");
  }

  closedBy(info: CloseInfo): void {
    this.#info = info;
    this.#decided?.();
    this.#requester.wakeWriters();
    this.#lost?.abort(lossOf(info));
    this.#guard(() => this.handler.onConnectionLost?.(this.#socket, info));
    this.#resolveClosed(info);
  }

  // ResponderOwner

  context(signal: () => AbortSignal = this.#lossSignal): RequestContext {
    const setup = (this.#setup ??= setupOf(this.#machine.setup!));
    return new Context(this.#socket, this.#link, setup, this.#principal, signal);
  }

  attach(id: number, sink: PayloadSink): void {
    this.#machine.attach(id, sink);
  }

  hold(): void {
    this.#machine.hold();
  }

  letGo(): void {
    this.#machine.letGo();
  }

  takeForget(): boolean {
    if (this.#forgetting < this.#limits.maxFireAndForget) return ++this.#forgetting > 0;
    this.#drop("maxFireAndForget");
    return false;
  }

  letForgetGo(): void {
    this.#forgetting--;
  }

  report(error: unknown): void {
    if (error instanceof RSocketError) return; // the peer was told; it is not a fault
    const told = error instanceof HeadraceError
      ? error
      : new UsageError("callback-threw", `A callback of the application threw: ${String(error)}`, { cause: error });
    try {
      this.handler.onError?.(told, this.#socket);
    } catch {
      // An error handler that throws has nobody left to tell.
    }
  }

  #dispatch(event: RSocketEvent<PayloadSink>): void {
    switch (event.type) {
      case "payload":
        return event.context?.next(event.data, event.metadata, event.complete, event.owned);
      case "request":
        return respond(event, this);
      case "complete":
        return event.context?.complete();
      case "requestN":
        return event.context?.requestN?.(event.n);
      case "cancel":
        return event.context?.cancel?.();
      case "error":
        return event.context?.error(event.error);
      case "setup":
        return void this.#decide();
      case "metadataPush":
        return this.#pushed(event.metadata);
      case "connectionError":
        return this.#guard(() => this.handler.onError?.(event.error, this.#socket));
      case "keepaliveTimeout":
        return this.#guard(() => this.handler.onKeepaliveTimeout?.(event.silentMs, this.#socket));
    }
  }

  async #decide(): Promise<void> {
    try {
      this.handler = await this.#makeHandler(this.#socket);
      const cx = this.context();
      this.#principal = await this.handler.onSetup?.(cx.setup, cx);
      this.#machine.accept();
      this.#decided?.();
    } catch (error) {
      this.report(error);
      this.#machine.reject(error instanceof RSocketError ? error.message : "setup rejected");
    }
    this.#driver.touch(); // it took time: the machine is told how much
  }

  #pushed(borrowed: Uint8Array): void {
    const { handler } = this;
    const { maxMetadataPushBytes, maxMetadataPushes } = this.#limits;
    if (handler.onMetadataPush === undefined) return;
    if (borrowed.length > maxMetadataPushBytes) return this.#drop("maxMetadataPushBytes");
    if (this.#pushing >= maxMetadataPushes) return this.#drop("maxMetadataPushes");
    const result: unknown = handler.onMetadataPush(borrowed.slice(), this.context());
    this.#pushing++;
    void Promise.resolve(result).catch((error: unknown) => this.report(error)).then(() => this.#pushing--);
  }

  /** Counts what was dropped, and tells of the first, the second, the fourth and so on, so that a flood is no flood. */
  #drop(limit: keyof Limits): void {
    const count = ++this.#dropped;
    if ((count & (count - 1)) !== 0) return;
    const text = `Dropped ${count} fire-and-forget requests or metadata pushes so far: over ${limit}`;
    this.#guard(() => this.handler.onError?.(new PeerError("requests-dropped", text), this.#socket));
  }

  readonly #lossSignal = (): AbortSignal => {
    this.#lost ??= new AbortController();
    if (this.#info !== undefined) this.#lost.abort(lossOf(this.#info));
    return this.#lost.signal;
  };

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.report(error);
    }
  }

  /** Resolves when the link took what `send` wrote. */
  #sent(options: CallOptions | undefined, send: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (options?.signal?.aborted) throw options.signal.reason;
      this.checkOpen();
      if (send()) return resolve();
      const unwatch = watch(options, this.#runtime.clock, "sending", reject);
      this.#requester.onWritable(() => {
        unwatch?.();
        if (this.#info?.error !== undefined) reject(this.#info.error);
        else resolve();
      });
    });
  }

  /** Throws UsageError ("not-connected") when the connection is over. */
  checkOpen(): void {
    if (this.#info === undefined) return;
    const text = `Cannot request: the connection is over (${this.#info.reason}); connect again`;
    throw new UsageError("not-connected", text, { cause: this.#info.error });
  }
}

function lossOf(info: CloseInfo): Error {
  return info.error ?? new LinkError("link-closed", "closed", `The connection is over: ${info.reason}`);
}

/** A stream over a supply, with the options of the call. */
export function streamOf(supply: PayloadSupply, options: StreamOptions | undefined): PayloadStream {
  return new SuppliedStream(supply, options?.prefetch ?? DEFAULT_PREFETCH, options?.initialRequestN);
}

class Context implements RequestContext {
  readonly socket: RSocket;
  readonly link: LinkInfo;
  readonly setup: Setup;
  readonly principal: unknown;
  readonly #signal: () => AbortSignal;

  constructor(socket: RSocket, link: LinkInfo, setup: Setup, principal: unknown, signal: () => AbortSignal) {
    this.socket = socket;
    this.link = link;
    this.setup = setup;
    this.principal = principal;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }
}

function setupOf(frame: SetupFrame): Setup {
  return {
    payload: payloadOf(frame.data, frame.metadata, true),
    dataMimeType: frame.dataMimeType,
    metadataMimeType: frame.metadataMimeType,
    keepAliveMs: frame.keepaliveMs,
    lifetimeMs: frame.lifetimeMs,
    version: `${frame.major}.${frame.minor}`,
    resume: frame.resumeToken !== undefined,
    lease: frame.lease,
  };
}
