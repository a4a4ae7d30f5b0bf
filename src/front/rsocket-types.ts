/**
 * The face of one peer, and the options of fronts. Types only.
 *
 * @module
 */
import type { CloseInfo, Link, Session } from "../contract/link.ts";
import type { CallOptions, ListenOptions } from "../contract/transport.ts";
import type { Mapping } from "../rsocket/mod.ts";
import type { RequestHandler, Setup } from "./handler.ts";
import type { Host } from "./host.ts";
import type { Bytes, Payload, PayloadInit } from "./payload.ts";
import type { PayloadStream } from "./payload-stream.ts";
import type { Requester } from "./requester.ts";
import type { Source } from "./streams.ts";

/**
 * Options of stream and channel.
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * let made = 0;
 * const server = await serve("memory://prefetch", {
 *   *requestStream() {
 *     for (;;) yield String(++made);
 *   },
 * });
 * const client = await connect("memory://prefetch");
 * const stream = client.requestStream("count", { prefetch: 8, initialRequestN: 4, timeoutMs: 1_000 });
 * const iterator = stream[Symbol.asyncIterator]();
 * await iterator.next();
 * await client.fireAndForget("a while");
 * made <= 12; // true
 * await iterator.return();
 * await server.close();
 * ```
 */
export interface StreamOptions extends CallOptions {
  /** Items asked for with the request. As many as `prefetch` by default. */
  readonly initialRequestN?: number;
  /** Items asked for ahead of a consumer that pulls; refilled at half. 256 by default. */
  readonly prefetch?: number;
}

/**
 * Where a connection stands. "idle": a client that was not asked for anything yet. "connecting": until SETUP is sent, or,
 * on a server, accepted. "closing": no new requests, live ones may end. "closed": over.
 */
export type SocketState = "idle" | "connecting" | "open" | "resuming" | "closing" | "closed";

/** One peer. Either side may make requests. */
export interface RSocket extends AsyncDisposable {
  /**
   * Sent at once. Resolves when the link took all of it; nobody answers, and nobody tells whether it arrived. Rejects with
   * UsageError ("not-connected", "send-overflow"), LinkError or the signal's reason.
   *
   * ```js
   * import { connect, serve } from "headrace/rsocket";
   * const noted = [];
   * const server = await serve("memory://notes", {
   *   fireAndForget: (note) => void noted.push(new TextDecoder().decode(note.data)),
   *   requestResponse: () => noted.join(" "),
   * });
   * const client = await connect("memory://notes");
   * await client.fireAndForget("one");
   * await client.fireAndForget("two", { timeoutMs: 1_000 });
   * const answer = await client.requestResponse("what was noted?");
   * new TextDecoder().decode(answer.data); // "one two"
   * await server.close();
   * ```
   */
  fireAndForget(payload: PayloadInit, options?: CallOptions): Promise<void>;
  /**
   * Sent at once. Resolves to the answer, or to NO_PAYLOAD when the peer completes without one. Rejects with
   * RemoteError (the peer's ERROR), LinkError (the connection was lost) or the signal's reason; aborting sends CANCEL.
   *
   * ```js
   * import { connect, serve } from "headrace/rsocket";
   * const server = await serve("memory://greeter", {
   *   requestResponse: (name) => `hello ${new TextDecoder().decode(name.data)}`,
   * });
   * const client = await connect("memory://greeter");
   * const answer = await client.requestResponse("Ada");
   * new TextDecoder().decode(answer.data); // "hello Ada"
   * await server.close();
   * ```
   *
   * A time, and a signal:
   *
   * ```js
   * import { connect, serve } from "headrace/rsocket";
   * const server = await serve("memory://never", { requestResponse: () => new Promise(() => {}) });
   * const client = await connect("memory://never");
   * const late = await client.requestResponse("?", { timeoutMs: 10 }).catch((error) => error);
   * late.code; // "link-timeout"
   * const controller = new AbortController();
   * const call = client.requestResponse("?", { signal: controller.signal });
   * controller.abort("not needed any more");
   * const reason = await call.catch((thrown) => thrown);
   * reason; // "not needed any more"
   * await server.close();
   * ```
   */
  requestResponse(payload: PayloadInit, options?: CallOptions): Promise<Payload>;
  /**
   * Cold: sent at the first demand, which is the first pull of `for await`. Single use. Throws UsageError
   * ("bad-argument") for what is no payload; everything later is the stream's error.
   *
   * ```js
   * import { connect, serve } from "headrace/rsocket";
   * const server = await serve("memory://letters", { requestStream: () => ["a", "b", "c"] });
   * const client = await connect("memory://letters");
   * let letters = "";
   * for await (const item of client.requestStream("all")) letters += new TextDecoder().decode(item.data);
   * letters; // "abc"
   * await server.close();
   * ```
   */
  requestStream(payload: PayloadInit, options?: StreamOptions): PayloadStream;
  /**
   * Cold, likewise. `rest` is pulled as the peer asks for more; without it the first item is the last of this side. When
   * `rest` fails the peer gets ERROR, and the error is the stream's. The signal and the time end both ways.
   *
   * ```js
   * import { connect, serve } from "headrace/rsocket";
   * const server = await serve("memory://sum", {
   *   async *requestChannel(first, rest) {
   *     let sum = Number(new TextDecoder().decode(first.data));
   *     for await (const item of rest) yield String(sum += Number(new TextDecoder().decode(item.data)));
   *   },
   * });
   * const client = await connect("memory://sum");
   * const sums = [];
   * for await (const item of client.requestChannel("1", ["2", "3"])) sums.push(new TextDecoder().decode(item.data));
   * sums.join(" "); // "3 6"
   * await server.close();
   * ```
   */
  requestChannel(first: PayloadInit, rest?: Source<PayloadInit>, options?: StreamOptions): PayloadStream;
  /**
   * Metadata about the whole connection, sent at once. Resolves and rejects as fireAndForget does.
   *
   * ```js
   * import { connect, serve } from "headrace/rsocket";
   * const pushed = [];
   * const server = await serve("memory://pushes", {
   *   onMetadataPush: (metadata) => void pushed.push(new TextDecoder().decode(metadata)),
   *   requestResponse: () => pushed.join(" "),
   * });
   * const client = await connect("memory://pushes");
   * await client.metadataPush("v=2");
   * const answer = await client.requestResponse("what was pushed?");
   * new TextDecoder().decode(answer.data); // "v=2"
   * await server.close();
   * ```
   */
  metadataPush(metadata: Bytes, options?: CallOptions): Promise<void>;
  /** The callback level. Throws UsageError ("not-connected") before the connection is open. */
  readonly requester: Requester;
  /** Where the connection stands now. */
  readonly state: SocketState;
  /** What of the peer's was dropped because nobody answers it: fire-and-forget and metadata pushes over the limits. */
  readonly dropped: number;
  /** Settles once, when the connection is over. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Sends CONNECTION_CLOSE, waits for live streams up to `drainMs` (0 by default), then ends the link. With `error`:
   * CONNECTION_ERROR, at once, and live streams end with it. The error's message is sent; keep secrets out of it.
   *
   * ```js
   * import { connect, serve } from "headrace/rsocket";
   * const server = await serve("memory://short", { requestResponse: (payload) => payload });
   * const client = await connect("memory://short");
   * await client.close({ drainMs: 1_000 });
   * client.state; // "closed"
   * const info = await client.closed;
   * info.error; // undefined
   * await server.close();
   * ```
   */
  close(options?: { readonly drainMs?: number; readonly error?: Error }): Promise<void>;
}

/**
 * Where to connect: a URL, several tried in order, or a function that gives one link for each connect.
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://second", { requestResponse: () => "here" });
 * const client = await connect(["memory://first", "memory://second"]);
 * const answer = await client.requestResponse("who is there?");
 * new TextDecoder().decode(answer.data); // "here"
 * await server.close();
 * ```
 */
export type Target = string | URL | readonly (string | URL)[] | (() => AsyncIterable<Link | Session>);

/** Options of clients and servers. */
export interface RSocketOptions extends Host, ListenOptions {
  /** What a client says in SETUP. Times are milliseconds: 20,000 and 90,000 by default. */
  readonly setup?: Partial<Pick<Setup, "dataMimeType" | "metadataMimeType" | "keepAliveMs" | "lifetimeMs">> & {
    readonly payload?: PayloadInit;
  };
  /** What answers the peer's requests. A function is called once for each connection. */
  readonly handler?: RequestHandler | ((socket: RSocket) => RequestHandler);
  /** Largest frame to send, at least 64 bytes, counted with prefix and header. Absent: only above 16 MiB - 1. */
  readonly fragmentBytes?: number;
  /** How requests are laid on a session's streams; "single" by default. Means nothing on a link. */
  readonly mapping?: Mapping;
}
