/**
 * headrace: the contracts, errors and limits that everything shares. Protocols have entries of their own.
 *
 * @module
 */
export type { ErrorCode, ErrorCodeRow } from "./contract/error-codes.ts";
export { ERROR_CODES } from "./contract/error-codes.ts";
export { HeadraceError, LinkError, type LinkReason, PeerError, RemoteError, UsageError } from "./contract/errors.ts";
export { DEFAULT_LIMITS, type Limits } from "./contract/limits.ts";
export type { CloseInfo, Link, LinkInfo, LinkSink, Session, SessionSink, TlsOptions } from "./contract/link.ts";
export type { Machine, Output } from "./contract/machine.ts";
export type {
  Capabilities,
  Capability,
  Clock,
  Files,
  Runtime,
  SlabPool,
  Tcp,
  TcpListener,
  Tls,
  WebSocketDialer,
  WebSocketServer,
  WebSocketServerOptions,
} from "./contract/runtime.ts";
export type { CallOptions, DialOptions, Listener, ListenOptions, Transport } from "./contract/transport.ts";
