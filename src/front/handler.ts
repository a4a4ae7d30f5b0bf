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
  /** The client's own words, often a credential. */
  readonly payload: Payload;
  /** The form of all data of this connection, as in "application/json". */
  readonly dataMimeType: string;
  /** The form of all metadata of this connection, as in "message/x.rsocket.composite-metadata.v0". */
  readonly metadataMimeType: string;
  /** How often the client sends a sign of life. */
  readonly keepAliveMs: number;
  /** The silence after which the connection counts as lost. */
  readonly lifetimeMs: number;
  /** "1.0" */
  readonly version: string;
  /** The client would like to resume. */
  readonly resume: boolean;
  /** The client honours leases. */
  readonly lease: boolean;
}

/** Where a request came from. */
export interface RequestContext {
  /** The peer that asks; it can be asked as well. */
  readonly socket: RSocket;
  /** What is known of the link: addresses, TLS, the HTTP request. */
  readonly link: LinkInfo;
  /** What SETUP of this connection said. */
  readonly setup: Setup;
  /** Aborts when the peer cancels or is lost. */
  readonly signal: AbortSignal;
  /** What onSetup returned. */
  readonly principal?: unknown;
}

/**
 * What a channel handler may return to speak Reactive Streams: who sends, and who receives. Either may be null.
 *
 * ```js
 * import { collect, connect, serve } from "headrace/rsocket";
 * let told;
 * const all = new Promise((resolve) => (told = resolve));
 * const heard = [];
 * const server = await serve("memory://pair", {
 *   requestChannel: () => [null, {
 *     onSubscribe: (subscription) => subscription.request(10),
 *     onNext: (item) => heard.push(new TextDecoder().decode(item.data)),
 *     onError() {},
 *     onComplete: () => told(heard.join(" ")),
 *   }],
 * });
 * const client = await connect("memory://pair");
 * const answers = await collect(client.requestChannel("first", ["a", "b"]));
 * answers.length; // 0
 * const text = await all;
 * text; // "a b"
 * await server.close();
 * ```
 */
export type ChannelPair = readonly [Publisher<PayloadInit> | null, Subscriber<Payload> | null];

/**
 * The peer's requests. A missing request method answers ERROR[REJECTED]; a missing fireAndForget or onMetadataPush
 * drops what comes. What a method throws ends its stream with APPLICATION_ERROR; only an RSocketError's text is sent,
 * and `onError` hears of all others.
 *
 * ```js
 * import { collect, connect, serve } from "headrace/rsocket";
 * const text = new TextDecoder();
 * const noted = [];
 * const server = await serve("memory://handler", {
 *   onSetup: ({ payload }) => text.decode(payload.data), // a name; throwing refuses the client
 *   fireAndForget: (payload) => void noted.push(text.decode(payload.data)),
 *   requestResponse: (payload, { principal }) => `hello ${principal}`,
 *   requestStream: () => ["a", "b"],
 *   async *requestChannel(first, rest) {
 *     yield first;
 *     yield* rest;
 *   },
 *   onMetadataPush: (metadata) => void noted.push(text.decode(metadata)),
 * });
 * const client = await connect("memory://handler", { setup: { payload: "Ada" } });
 * await client.fireAndForget("one");
 * await client.metadataPush("two");
 * text.decode((await client.requestResponse("")).data); // "hello Ada"
 * noted.join(" "); // "one two"
 * const stream = await collect(client.requestStream(""));
 * stream.length; // 2
 * const channel = await collect(client.requestChannel("a", ["b", "c"]));
 * channel.length; // 3
 * await server.close();
 * ```
 */
export interface RequestHandler {
  /** Server only. The result becomes `cx.principal`; throwing answers REJECTED_SETUP and closes. */
  onSetup?(setup: Setup, cx: RequestContext): Awaitable<unknown>;
  /** A request that wants no answer. `onError` hears of what it throws; the peer does not. */
  fireAndForget?(payload: Payload, cx: RequestContext): Awaitable<void>;
  /** Gives the one answer, or undefined for an end without one. */
  requestResponse?(payload: Payload, cx: RequestContext): Awaitable<PayloadInit | void>;
  /** Gives the source of the answers, which is pulled as the peer asks for more. */
  requestStream?(payload: Payload, cx: RequestContext): Awaitable<Source<PayloadInit>>;
  /** `rest` are the requester's items after the first; unread, they are cancelled when the answers have ended. */
  requestChannel?(
    first: Payload,
    rest: PayloadStream,
    cx: RequestContext,
  ): Awaitable<Source<PayloadInit> | ChannelPair | void>;
  /** Metadata about the whole connection. The bytes are the handler's own. */
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
  /** The stream's id, which answers name. */
  readonly id: number;
  /** Items the peer asked for at first; 0 for response and fnf. */
  readonly n: number;
  /** The data of the request. */
  readonly data: Uint8Array;
  /** Its metadata; undefined is not empty. */
  readonly metadata: Uint8Array | undefined;
  /** Channel: the first item is the last. */
  readonly complete: boolean;
  /** The bytes may be kept; otherwise copy what outlives the call. */
  readonly owned: boolean;
}

/**
 * The peer's requests at the callback level. Answer with `requester.payload`, `complete` or `fail` and the request's
 * id, now or later. The result hears of the stream (its requestN, cancel, items and end); undefined: nobody does.
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://echo", {
 *   callbacks: {
 *     requestResponse(request, requester) {
 *       const data = request.owned ? request.data : request.data.slice(); // what is sent must be owned
 *       requester.payload(request.id, data, undefined, true);
 *     },
 *   },
 * });
 * const client = await connect("memory://echo");
 * const answer = await client.requestResponse("hello");
 * new TextDecoder().decode(answer.data); // "hello"
 * await server.close();
 * ```
 */
export interface RequestCallbacks {
  /** A request that wants no answer. */
  fireAndForget?(request: CallbackRequest, requester: Requester): void;
  /** Answer with one `payload`, `complete` or `fail`. */
  requestResponse?(request: CallbackRequest, requester: Requester): PayloadSink | void;
  /** Answer with `payload`s, no more than were asked for, then `complete`. */
  requestStream?(request: CallbackRequest, requester: Requester): PayloadSink | void;
  /** Likewise. The requester's items are asked for with `requestN` and come to the result. */
  requestChannel?(request: CallbackRequest, requester: Requester): PayloadSink | void;
}
