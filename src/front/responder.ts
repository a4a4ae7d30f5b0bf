/**
 * Answers the peer's requests with the application's handler. Every callback of the application is called from here,
 * and nothing it throws leaves this file.
 *
 * @module
 */
import { HeadraceError } from "../contract/errors.ts";
import { addCredit } from "../kit/credit.ts";
import { ERROR_CODE, type RSocketEvent } from "../rsocket/mod.ts";
import type { ChannelPair, RequestContext, RequestHandler } from "./handler.ts";
import { dataOf, metadataOf, type Payload, type PayloadInit, payloadOf } from "./payload.ts";
import { type PayloadSupply, SuppliedStream } from "./payload-stream.ts";
import { publicPart } from "./public-error.ts";
import type { PayloadSink, Requester } from "./requester.ts";
import { type Feed, feed, type Outlet } from "./source.ts";
import type { Awaitable, Publisher, Source, Subscriber } from "./streams.ts";

/** What the responder needs of its connection. */
export interface ResponderOwner {
  readonly requester: Requester;
  readonly handler: RequestHandler;
  /** A new context. Its signal is made when somebody looks at it; by default the one of the connection's end. */
  context(signal?: () => AbortSignal): RequestContext;
  attach(id: number, sink: PayloadSink): void;
  /** A handler outlives its stream, and has ended. */
  hold(): void;
  letGo(): void;
  /** A fire-and-forget may be handled; otherwise it is dropped and counted. `letForgetGo`: its handler has ended. */
  takeForget(): boolean;
  letForgetGo(): void;
  /** A callback threw where no stream can carry it. */
  report(error: unknown): void;
}

type Request = Extract<RSocketEvent<PayloadSink>, { type: "request" }>;

/** Handles one request. */
export function respond(request: Request, owner: ResponderOwner): void {
  const { handler } = owner;
  if (handler.callbacks !== undefined && callBack(request, owner)) return;
  switch (request.interaction) {
    case "fnf":
      return fireAndForget(request, owner);
    case "response":
      if (handler.requestResponse === undefined) return refuse(request, owner, "request-response");
      return new ResponseCall(request.id, owner).begin(request);
    case "stream":
      if (handler.requestStream === undefined) return refuse(request, owner, "request-stream");
      return new StreamCall(request, owner).beginStream(request);
    case "channel":
      if (handler.requestChannel === undefined) return refuse(request, owner, "request-channel");
      return new StreamCall(request, owner).beginChannel(request);
  }
}

function refuse(request: Request, owner: ResponderOwner, what: string): void {
  owner.requester.fail(request.id, ERROR_CODE.REJECTED, `no handler for ${what}`);
}

function callBack(request: Request, owner: ResponderOwner): boolean {
  const { callbacks } = owner.handler;
  const { requester } = owner;
  let sink: PayloadSink | void = undefined;
  try {
    if (request.interaction === "fnf" && callbacks?.fireAndForget) callbacks.fireAndForget(request, requester);
    else if (request.interaction === "response" && callbacks?.requestResponse) {
      sink = callbacks.requestResponse(request, requester);
    } else if (request.interaction === "stream" && callbacks?.requestStream) {
      sink = callbacks.requestStream(request, requester);
    } else if (request.interaction === "channel" && callbacks?.requestChannel) {
      sink = callbacks.requestChannel(request, requester);
    } else return false;
  } catch (error) {
    owner.report(error);
    const { code, message } = publicPart(error);
    requester.fail(request.id, code, message);
    return true;
  }
  if (sink !== undefined) owner.attach(request.id, sink);
  return true;
}

function fireAndForget(request: Request, owner: ResponderOwner): void {
  const { handler } = owner;
  if (handler.fireAndForget === undefined || !owner.takeForget()) return;
  settle(
    () => handler.fireAndForget!(payloadOf(request.data, request.metadata, request.owned), owner.context()),
    () => owner.letForgetGo(),
    (error) => {
      owner.letForgetGo();
      owner.report(error);
    },
  );
}

/** What every answered request shares: its signal, and its place among the concurrent ones. */
abstract class Call implements PayloadSink {
  readonly id: number;
  protected readonly owner: ResponderOwner;
  #abort: AbortController | undefined;
  #lost: unknown;
  #held = false;
  #running = true;

  constructor(id: number, owner: ResponderOwner) {
    this.id = id;
    this.owner = owner;
    owner.attach(id, this);
  }

  next(_data: Uint8Array, _metadata: Uint8Array | undefined, _complete: boolean, _owned: boolean): void {}
  complete(): void {}

  error(error: Error): void {
    this.end(error);
  }

  cancel(): void {
    this.end(new HeadraceError("canceled", "The peer canceled the request"));
  }

  /** The context, whose signal is only made when somebody looks at it. */
  protected context(): RequestContext {
    return this.owner.context(() => {
      this.#abort ??= new AbortController();
      if (this.#lost !== undefined) this.#abort.abort(this.#lost);
      return this.#abort.signal;
    });
  }

  /** The stream is over for the peer; a handler that still runs keeps its place until it ends. */
  protected end(reason: unknown): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    if (this.#running) {
      this.#held = true;
      this.owner.hold();
    }
    this.#abort?.abort(reason);
  }

  /** The handler has ended. */
  protected done(): void {
    this.#running = false;
    if (this.#held) this.owner.letGo();
    this.#held = false;
  }

  /** Ends the stream with what the peer may hear of an error. */
  protected fail(error: unknown): void {
    if (this.#lost !== undefined) return; // nobody is there to hear it
    const { code, message } = publicPart(error);
    this.owner.report(error);
    this.owner.requester.fail(this.id, code, message);
  }
}

class ResponseCall extends Call {
  begin(request: Request): void {
    const payload = payloadOf(request.data, request.metadata, request.owned);
    settle(
      () => this.owner.handler.requestResponse!(payload, this.context()),
      (answer) => {
        this.done();
        if (answer === undefined) return this.owner.requester.complete(this.id);
        this.owner.requester.payload(this.id, dataOf(answer), metadataOf(answer), true);
      },
      (error) => {
        this.done();
        this.fail(error);
      },
    );
  }
}

/** request-stream and request-channel: feeds the answers, and for a channel supplies the requester's items. */
class StreamCall extends Call implements Outlet {
  readonly #supply: RestSupply | undefined;
  readonly #rest: SuppliedStream | undefined;
  #credit: number;
  #feed: Feed | undefined;
  #ended = false;
  #over = false;

  constructor(request: Request, owner: ResponderOwner) {
    super(request.id, owner);
    this.#credit = request.n;
    if (request.interaction !== "channel") return;
    this.#supply = new RestSupply(request.id, owner, request.complete);
    this.#rest = new SuppliedStream(this.#supply);
  }

  beginStream(request: Request): void {
    const payload = payloadOf(request.data, request.metadata, request.owned);
    this.#begin(() => this.owner.handler.requestStream!(payload, this.context()));
  }

  beginChannel(request: Request): void {
    const first = payloadOf(request.data, request.metadata, request.owned);
    this.#begin(() => this.owner.handler.requestChannel!(first, this.#rest!, this.context()));
  }

  // PayloadSink: what the peer does

  requestN(n: number): void {
    if (this.#feed !== undefined) this.#feed.requestN(n);
    else this.#credit = addCredit(this.#credit, n);
  }

  override cancel(): void {
    super.cancel();
    this.#stop(new HeadraceError("canceled", "The peer canceled the request"));
  }

  override error(error: Error): void {
    super.error(error);
    this.#stop(error);
  }

  override next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void {
    this.#supply?.next(data, metadata, complete, owned);
  }

  override complete(): void {
    this.#supply?.complete();
  }

  // Outlet

  get requester(): Requester {
    return this.owner.requester;
  }

  failed(error: unknown): void {
    this.fail(error);
    this.#supply?.fail(new HeadraceError("canceled", "The channel ended with an error of its handler"));
  }

  ended(): void {
    if (this.#ended) return;
    this.#ended = true;
    // If nobody ever read the requester's items, nobody will: it need not send them.
    if (this.#rest?.used === false) this.#supply?.cancel();
    this.done();
  }

  #begin(call: () => Awaitable<Source<PayloadInit> | ChannelPair | void>): void {
    settle(
      call,
      (result) => this.#answer(result),
      (error) => {
        this.failed(error);
        this.ended();
      },
    );
  }

  #answer(result: Source<PayloadInit> | ChannelPair | void): void {
    let source: Source<PayloadInit> | null | void;
    if (isPair(result)) {
      source = result[0];
      if (result[1] !== null) this.#rest?.subscribe(result[1]);
    } else source = result;
    if (source === undefined || source === null) {
      this.requester.complete(this.id);
      return this.ended();
    }
    this.#feed = feed(source, this, this.#credit);
    if (this.#over) this.#feed.cancel();
  }

  #stop(error: Error): void {
    this.#over = true;
    this.#feed?.cancel();
    this.#supply?.fail(error);
  }
}

/** The requester's items of a channel after the first, for whoever reads them. */
class RestSupply implements PayloadSupply {
  readonly #id: number;
  readonly #owner: ResponderOwner;
  #sink: PayloadSink | undefined;
  #over: boolean;
  #error: Error | undefined;

  constructor(id: number, owner: ResponderOwner, over: boolean) {
    this.#id = id;
    this.#owner = owner;
    this.#over = over;
  }

  // PayloadSupply

  start(n: number, sink: PayloadSink): void {
    this.#sink = sink;
    if (this.#error !== undefined) return sink.error(this.#error);
    if (this.#over) return sink.complete();
    this.#owner.requester.requestN(this.#id, n);
  }

  requestN(n: number): void {
    if (!this.#over) this.#owner.requester.requestN(this.#id, n);
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.requester.cancel(this.#id);
  }

  report(error: unknown): void {
    this.#owner.report(error);
  }

  // What the peer does

  next(data: Uint8Array, metadata: Uint8Array | undefined, complete: boolean, owned: boolean): void {
    if (complete) this.#over = true;
    this.#sink?.next(data, metadata, complete, owned);
  }

  complete(): void {
    this.#over = true;
    this.#sink?.complete();
  }

  fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#sink?.error(error);
  }
}

function isPair(result: unknown): result is ChannelPair {
  return Array.isArray(result) && result.length === 2 && isRole(result[0], "subscribe") && isRole(result[1], "onNext");
}

function isRole(value: unknown, method: string): value is Publisher<PayloadInit> & Subscriber<Payload> {
  return value === null || (typeof value === "object" && method in value);
}

/** Calls, awaits if need be, and answers. Neither the call nor the answers may throw further. */
function settle<T>(call: () => Awaitable<T>, then: (value: T) => void, failed: (error: unknown) => void): void {
  const answer = (value: T) => {
    try {
      then(value);
    } catch (error) {
      failed(error);
    }
  };
  let result: Awaitable<T>;
  try {
    result = call();
    if (typeof result === "object" && result !== null && "then" in result) return void result.then(answer, failed);
  } catch (error) {
    return failed(error);
  }
  answer(result);
}
