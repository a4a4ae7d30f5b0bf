/**
 * What an application does with its peer's requests. Types only.
 *
 * @module
 */
import type { HeadraceError } from "../contract/errors.ts";
import type { CloseInfo, LinkInfo } from "../contract/link.ts";
import type { Payload, PayloadInit } from "./payload.ts";
import type { PayloadStream } from "./payload-stream.ts";
import type { PayloadSink, Requester } from "./requester.ts";
import type { RSocket } from "./rsocket-types.ts";
import type { Awaitable, Publisher, Source, Subscriber } from "./streams.ts";

/** What the client said when it connected. Times are milliseconds. */
export interface Setup {
  readonly payload: Payload;
  readonly dataMimeType: string;
  readonly metadataMimeType: string;
  readonly keepAliveMs: number;
  readonly lifetimeMs: number;
  /** "1.0" */
  readonly version: string;
  readonly resume: boolean;
  readonly lease: boolean;
}

/** Where a request came from. */
export interface RequestContext {
  readonly socket: RSocket;
  readonly link: LinkInfo;
  readonly setup: Setup;
  /** Aborts when the peer cancels or is lost. */
  readonly signal: AbortSignal;
  /** What onSetup returned. */
  readonly principal?: unknown;
}

/** What a channel handler may return to speak Reactive Streams: who sends, and who receives. Either may be null. */
export type ChannelPair = readonly [Publisher<PayloadInit> | null, Subscriber<Payload> | null];

/**
 * The peer's requests. A missing request method answers ERROR[REJECTED]; a missing fireAndForget or onMetadataPush
 * drops what comes. What a method throws ends its stream with APPLICATION_ERROR; only an RSocketError's text is sent.
 */
export interface RequestHandler {
  /** Server only. The result becomes `cx.principal`; throwing answers REJECTED_SETUP and closes. */
  onSetup?(setup: Setup, cx: RequestContext): Awaitable<unknown>;
  fireAndForget?(payload: Payload, cx: RequestContext): Awaitable<void>;
  requestResponse?(payload: Payload, cx: RequestContext): Awaitable<PayloadInit | void>;
  requestStream?(payload: Payload, cx: RequestContext): Awaitable<Source<PayloadInit>>;
  /** `rest` are the requester's items after the first. */
  requestChannel?(
    first: Payload,
    rest: PayloadStream,
    cx: RequestContext,
  ): Awaitable<Source<PayloadInit> | ChannelPair | void>;
  onMetadataPush?(metadata: Uint8Array, cx: RequestContext): Awaitable<void>;
  /** ERROR on stream 0, or a callback of this handler that threw where nobody else hears of it. */
  onError?(error: HeadraceError, socket: RSocket): void;
  /** Told before the connection closes for silence. */
  onKeepaliveTimeout?(silentMs: number, socket: RSocket): void;
  /** Once for each lost link. */
  onConnectionLost?(socket: RSocket, info: CloseInfo): void;
  /** The callback level: borrowed bytes, no promises. Where present it is asked before the methods above. */
  readonly callbacks?: RequestCallbacks;
}

/** One request at the callback level. Byte fields are borrowed until the call returns, unless `owned`. */
export interface CallbackRequest {
  readonly id: number;
  /** Items the peer asked for at first; 0 for response and fnf. */
  readonly n: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array | undefined;
  /** Channel: the first item is the last. */
  readonly complete: boolean;
  readonly owned: boolean;
}

/**
 * The peer's requests at the callback level. Answer with `requester.payload`, `complete` or `fail` and the request's
 * id, now or later. The result hears of the stream (its requestN, cancel, items and end); undefined: nobody does.
 */
export interface RequestCallbacks {
  fireAndForget?(request: CallbackRequest, requester: Requester): void;
  requestResponse?(request: CallbackRequest, requester: Requester): PayloadSink | void;
  requestStream?(request: CallbackRequest, requester: Requester): PayloadSink | void;
  requestChannel?(request: CallbackRequest, requester: Requester): PayloadSink | void;
}
