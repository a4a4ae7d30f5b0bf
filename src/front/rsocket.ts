/**
 * headrace/rsocket: clients and servers.
 *
 * @module
 */
export { collect } from "./collect.ts";
export type {
  CallbackRequest,
  ChannelPair,
  RequestCallbacks,
  RequestContext,
  RequestHandler,
  Setup,
} from "./handler.ts";
export type { Host } from "./host.ts";
export type { ObservableLike, Observer } from "./observable.ts";
export { type Bytes, NO_PAYLOAD, type Payload, type PayloadInit } from "./payload.ts";
export type { PayloadStream } from "./payload-stream.ts";
export { RSocketError } from "./public-error.ts";
export type { PayloadSink, Requester } from "./requester.ts";
export { connect, RSocketClient } from "./rsocket-client.ts";
export { RSocketServer, serve, type ServerHandler } from "./rsocket-server.ts";
export type { RSocket, RSocketOptions, SocketState, StreamOptions, Target } from "./rsocket-types.ts";
export type { Awaitable, Publisher, Source, Subscriber, Subscription } from "./streams.ts";
