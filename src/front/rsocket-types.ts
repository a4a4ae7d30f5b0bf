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

/** Options of stream and channel. */
export interface StreamOptions extends CallOptions {
  /** Items asked for with the request. As many as `prefetch` by default. */
  readonly initialRequestN?: number;
  /** Items asked for ahead of a consumer that pulls; refilled at half. 256 by default. */
  readonly prefetch?: number;
}

/** Where a connection stands. */
export type SocketState = "idle" | "connecting" | "open" | "resuming" | "closing" | "closed";

/** One peer. Either side may make requests. */
export interface RSocket extends AsyncDisposable {
  /** Sent at once. Resolves when the link took all of it; nobody answers. */
  fireAndForget(payload: PayloadInit, options?: CallOptions): Promise<void>;
  /**
   * Sent at once. Resolves to the answer, or to NO_PAYLOAD when the peer completes without one. Rejects with
   * RemoteError (the peer's ERROR), LinkError (the connection was lost) or the signal's reason; aborting sends CANCEL.
   */
  requestResponse(payload: PayloadInit, options?: CallOptions): Promise<Payload>;
  /** Cold: sent at the first demand, which is the first pull of `for await`. Single use. */
  requestStream(payload: PayloadInit, options?: StreamOptions): PayloadStream;
  /** Cold, likewise. Without `rest` the first item is the last of this side. */
  requestChannel(first: PayloadInit, rest?: Source<PayloadInit>, options?: StreamOptions): PayloadStream;
  metadataPush(metadata: Bytes, options?: CallOptions): Promise<void>;
  /** The callback level. Throws UsageError ("not-connected") before the connection is open. */
  readonly requester: Requester;
  readonly state: SocketState;
  /** Settles once, when the connection is over. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Sends CONNECTION_CLOSE, waits for live streams up to `drainMs` (0 by default), then ends the link. With `error`:
   * CONNECTION_ERROR, at once, and live streams end with it.
   */
  close(options?: { readonly drainMs?: number; readonly error?: Error }): Promise<void>;
}

/** Where to connect: a URL, several tried in order, or a function that gives one link for each connect. */
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
