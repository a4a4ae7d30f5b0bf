/**
 * headrace/browser: what a page or a worker imports. A client of the browser's own WebSockets, whatever the conditions
 * it was bundled with. It never listens: a page has no port.
 *
 * @module
 */
import { RSocketClient as AnyRSocketClient } from "../../src/front/rsocket-client.ts";
import type { RSocketOptions, Target } from "../../src/front/rsocket-types.ts";
import { runtime } from "./mod.ts";

export type { ErrorCode } from "../../src/contract/error-codes.ts";
export {
  HeadraceError,
  LinkError,
  type LinkReason,
  PeerError,
  RemoteError,
  UsageError,
} from "../../src/contract/errors.ts";
export type { Limits } from "../../src/contract/limits.ts";
export type { CloseInfo } from "../../src/contract/link.ts";
export type { CallOptions } from "../../src/contract/transport.ts";
export { collect } from "../../src/front/collect.ts";
export type {
  CallbackRequest,
  ChannelPair,
  RequestCallbacks,
  RequestContext,
  RequestHandler,
  Setup,
} from "../../src/front/handler.ts";
export type { Host } from "../../src/front/host.ts";
export type { ObservableLike, Observer } from "../../src/front/observable.ts";
export { type Bytes, NO_PAYLOAD, type Payload, type PayloadInit } from "../../src/front/payload.ts";
export type { PayloadStream } from "../../src/front/payload-stream.ts";
export { RSocketError } from "../../src/front/public-error.ts";
export type { PayloadSink, Requester } from "../../src/front/requester.ts";
export type { RSocket, RSocketOptions, SocketState, StreamOptions, Target } from "../../src/front/rsocket-types.ts";
export type { Awaitable, Publisher, Source, Subscriber, Subscription } from "../../src/front/streams.ts";

/**
 * An RSocket client in a page. It is that of headrace/rsocket with the browser as its runtime, unless `runtime` names
 * another.
 */
export class RSocketClient extends AnyRSocketClient {
  /** Throws UsageError ("bad-argument") for what SETUP or a connection cannot have. */
  constructor(target: Target, options: RSocketOptions = {}) {
    super(target, { ...options, runtime: options.runtime ?? runtime });
  }
}

/**
 * Connects a client, as `connect("wss://example.org/rsocket")`. Rejects with LinkError, or with UsageError for what a
 * browser does not have: headers, certificates, and transports other than WebSockets.
 */
export async function connect(target: Target, options: RSocketOptions = {}): Promise<RSocketClient> {
  return await new RSocketClient(target, options).connect();
}
