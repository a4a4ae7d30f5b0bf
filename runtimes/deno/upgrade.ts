/**
 * Mounting into `Deno.serve`, by Deno's own WebSockets. They have limits that the server of this package has not, and
 * are never used for it: no pause (what a paused link is sent is held, up to two messages of the largest size, then the
 * link is given up), no check that clients mask, and no bound on a message before it is complete.
 *
 * @module
 */
import {
  type Accept,
  chosenProtocol,
  DEFAULT_MESSAGE_BYTES,
  hand,
  type Handshake,
  handshakeRules,
  type MountOptions,
  offeredProtocols,
  requestInfo,
} from "../shared/handshake.ts";
import { hostPort } from "../../transports/address.ts";
import { type HostWebSocket, hostWebSocketLink } from "../shared/web-socket.ts";

/** The members of Deno used here. */
interface DenoHost {
  upgradeWebSocket(
    request: Request,
    options: { readonly protocol?: string; readonly idleTimeout: number },
  ): { readonly socket: HostWebSocket; readonly response: Response };
}

/** The second argument of a handler of `Deno.serve`. */
export interface RequestOrigin {
  readonly remoteAddr: object;
}

/**
 * Upgrades one request of `Deno.serve`; the response is to be returned from the handler. What is refused gets a response
 * that says so. `mountWebSocket` on a server of node:http has none of the limits above.
 */
export function upgradeWebSocket(
  request: Request,
  accept: Accept,
  options: MountOptions = {},
  from?: RequestOrigin,
): Response {
  const { pathname, search, protocol } = new URL(request.url);
  const headers = new Map(request.headers);
  const secure = protocol === "https:";
  const handshake: Handshake = { target: pathname + search, secure, headers, headerCount: headers.size };
  const status = handshakeRules(options)(handshake);
  if (status !== undefined) return new Response(null, { status });
  const chosen = chosenProtocol(offeredProtocols(handshake), options);
  // Before the upgrade: after it Deno no longer tells the address.
  const info = { scheme: secure ? "wss" : "ws", secure, ...remoteOf(from), request: requestInfo(handshake) };
  const { Deno } = globalThis as unknown as { readonly Deno: DenoHost };
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: 0, // RSocket's KEEPALIVE looks after peers
    ...(chosen !== undefined && { protocol: chosen }),
  });
  const link = hostWebSocketLink(socket, info, options.maxMessageBytes ?? DEFAULT_MESSAGE_BYTES);
  socket.addEventListener("open", () => hand(link, accept));
  return response;
}

function remoteOf(from: RequestOrigin | undefined): { readonly remote?: string } {
  const { hostname, port } = (from?.remoteAddr ?? {}) as { readonly hostname?: string; readonly port?: number };
  return hostname === undefined || port === undefined ? {} : { remote: hostPort(hostname, port) };
}
