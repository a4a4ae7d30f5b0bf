/**
 * The WebSocket transport: ws://host:port/path and wss:// become links of kind "messages" by the runtime's capabilities.
 * It never touches a socket itself.
 *
 * @module
 */
import { UsageError } from "../src/contract/errors.ts";
import { DEFAULT_LIMITS } from "../src/contract/limits.ts";
import type { CloseInfo, TlsOptions } from "../src/contract/link.ts";
import type { Runtime, TcpListener, WebSocketDialer, WebSocketServer } from "../src/contract/runtime.ts";
import type { DialOptions, Listener, ListenOptions, Transport } from "../src/contract/transport.ts";
import { complaint, hostPort } from "./address.ts";
import { withinDeadline } from "./deadline.ts";

const EXAMPLE = "ws://127.0.0.1:8080/rsocket";
/** How long a client may take for its handshake. */
const HANDSHAKE_TIMEOUT_MS = 5_000;

/** What a WebSocket transport can be made with. */
export interface WebSocketTransportOptions {
  /** Subprotocols that are offered when dialling. None by default: few servers know one. */
  readonly offer?: readonly string[];
  /** Subprotocols that are answered when a client offers them. It need not. "rsocket" by default. */
  readonly answer?: readonly string[];
}

/** A WebSocket transport with subprotocols of its own. */
export function createWebSocket({ offer = [], answer = ["rsocket"] }: WebSocketTransportOptions = {}): Transport {
  return {
    schemes: ["ws", "wss"],
    needs: { dial: ["webSocket"], listen: ["webSocketServer"] },

    async dial(runtime, url, options) {
      checkUrl(url, 1);
      const dialer = dialerOf(runtime);
      refuseWhatItCannot(runtime, dialer, url, options);
      const { headers, tls } = options;
      const where = `${url.protocol}//${url.host}${url.pathname}`;
      return await withinDeadline(runtime.clock, `Connecting to ${where}`, options, (signal) =>
        dialer.connect({
          url,
          protocols: offer,
          maxMessageBytes: maxMessageBytes(options),
          ...(headers && { headers }),
          ...(tls && url.protocol === "wss:" && { tls }),
          ...(signal && { signal }),
        }));
    },

    async listen(runtime, url, options, accept) {
      const { host, port } = checkUrl(url, 0);
      if (url.search !== "") throw complaint(url, "a query means nothing to a server", EXAMPLE);
      const server = serverOf(runtime);
      const tls = tlsOf(url, options);
      const { allowedOrigins, limits } = options;
      options.signal?.throwIfAborted();
      const bound = await server.listen({
        host,
        port,
        protocols: answer,
        maxMessageBytes: maxMessageBytes(options),
        handshakeTimeoutMs: limits?.setupTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
        ...(url.pathname !== "/" && { path: url.pathname }),
        ...(tls && { tls }),
        ...(allowedOrigins && { allowedOrigins }),
      }, accept);
      if (options.signal?.aborted === true) {
        await bound.close();
        options.signal.throwIfAborted();
      }
      return listenerOf(bound, url);
    },
  };
}

/** WebSockets. A message is at most as large as a frame may be (`limits.maxFrameBytes`). */
export const webSocket: Transport = createWebSocket();

function maxMessageBytes({ limits }: DialOptions): number {
  return limits?.maxFrameBytes ?? DEFAULT_LIMITS.maxFrameBytes;
}

/** Path and query are the server's to read; there is no default host, but the schemes have default ports. */
function checkUrl(url: URL, leastPort: 0 | 1): { readonly host: string; readonly port: number } {
  if (url.hash !== "") throw complaint(url, "a fragment means nothing here", EXAMPLE);
  if (url.username !== "" || url.password !== "") {
    throw complaint(url, "a user name means nothing here; send a header, or a credential in SETUP", EXAMPLE);
  }
  const port = url.port === "" ? (url.protocol === "wss:" ? 443 : 80) : Number(url.port);
  if (port < leastPort) throw complaint(url, "port 0 means any port and can only be listened on", EXAMPLE);
  const bracketed = url.hostname.startsWith("[");
  return { host: bracketed ? url.hostname.slice(1, -1) : url.hostname, port };
}

function refuseWhatItCannot(runtime: Runtime, { can }: WebSocketDialer, url: URL, { headers, tls }: DialOptions): void {
  const wanted: readonly (readonly [boolean, boolean, string])[] = [
    [headers !== undefined && Object.keys(headers).length > 0, can.headers, "headers"],
    [(tls?.certificateHashes?.length ?? 0) > 0, can.pinning, "tls.certificateHashes"],
    [tls?.cert !== undefined || tls?.key !== undefined, can.clientCertificates, "tls.cert and tls.key"],
  ];
  const missing = wanted.find(([wants, has]) => wants && !has);
  if (missing !== undefined) {
    const text = `Connecting to ${url.host} failed: WebSockets of the runtime "${runtime.name}" cannot use ${
      missing[2]
    }.`;
    throw new UsageError("missing-capability", `${text} Leave it out, or use another transport or runtime.`);
  }
}

/** Several URLs have one set of options, so ws: passes over what is wss:'s. */
function tlsOf(url: URL, { tls }: ListenOptions): TlsOptions | undefined {
  if (url.protocol === "ws:") return undefined;
  if (tls?.cert !== undefined && tls.key !== undefined) return tls;
  throw new UsageError("bad-argument", `Listening on ${url.href} needs tls.cert and tls.key, as PEM texts.`);
}

function dialerOf({ name, capabilities }: Runtime): WebSocketDialer {
  if (capabilities.webSocket !== undefined) return capabilities.webSocket;
  const text = `The runtime "${name}" has no WebSocket client. Use another transport, or another runtime.`;
  throw new UsageError("missing-capability", text);
}

function serverOf({ name, capabilities }: Runtime): WebSocketServer {
  if (capabilities.webSocketServer !== undefined) return capabilities.webSocketServer;
  const text = `The runtime "${name}" has no WebSocket server. Use another transport, or another runtime.`;
  throw new UsageError("missing-capability", text);
}

function listenerOf(bound: TcpListener, url: URL): Listener {
  let settle: (info: CloseInfo) => void;
  const closed = new Promise<CloseInfo>((resolve) => settle = resolve);
  const close = async () => {
    await bound.close();
    settle({ code: "link-closed", reason: "the listener was closed" });
  };
  const path = url.pathname === "/" ? "" : url.pathname;
  const address = `${url.protocol}//${hostPort(bound.host, bound.port)}${path}`;
  return { url: address, closed, close, [Symbol.asyncDispose]: close };
}
