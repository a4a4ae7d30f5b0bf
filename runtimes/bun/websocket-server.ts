/**
 * WebSocket servers over Bun's own: on ports of their own, and as handlers for a program's `Bun.serve`. It never loses
 * what Bun did not take, and never hands Bun more than it has room for.
 *
 * @module
 */
import type { LinkInfo } from "../../src/contract/link.ts";
import type { WebSocketServer, WebSocketServerOptions } from "../../src/contract/runtime.ts";
import { hostPort } from "../../transports/address.ts";
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
import { MessageLink, type MessageWire } from "../shared/message-link.ts";
import { openError } from "../shared/node-errors.ts";
import { type BunHost, bunHost, type BunServer, type BunServerSocket, type BunWebSocketHandlers } from "./host.ts";

/** Bytes Bun may hold before this side keeps the rest by reference. */
const HANDED_BYTES = 65_536;
/** The longest time Bun's servers count, in seconds. */
const MAX_IDLE_SECONDS = 255;

/** What to spread into, and to call from, a program's `Bun.serve`. */
export interface WebSocketMount {
  /**
   * Upgrades a request, or says with which response it is refused. `undefined` means upgraded: answer with nothing.
   * A path that is not the mount's gets 404; ask it before, or last.
   */
  upgrade(request: Request, server: BunServer): Response | undefined;
  /** The `websocket` handlers. `backpressureLimit` and `idleTimeout` are none: nothing is dropped, and RSocket looks after peers. */
  readonly websocket: BunWebSocketHandlers<BunWebSocketLink>;
}

/** The WebSocket server capability. */
export function bunWebSocketServer(host: () => BunHost = bunHost): WebSocketServer {
  return {
    async listen(options, accept) {
      const where = hostPort(options.host, options.port);
      const mount = mountWebSocket(accept, options);
      let server: BunServer;
      try {
        server = host().serve({
          hostname: options.host,
          port: options.port,
          development: false,
          reusePort: false, // without development Bun would let two servers share a port
          idleTimeout: Math.min(Math.ceil(options.handshakeTimeoutMs / 1_000), MAX_IDLE_SECONDS),
          fetch: (request, by) => mount.upgrade(request, by),
          websocket: mount.websocket,
          ...tlsOf(options),
        });
      } catch (error) {
        throw openError(error, "listening on", where);
      }
      const close = () => {
        // Without an argument: the accepted connections live on.
        void server.stop();
        return Promise.resolve();
      };
      return { host: server.hostname, port: server.port, close };
    },
  };
}

/** Serves WebSockets on a program's own `Bun.serve`. */
export function mountWebSocket(accept: Accept, options: MountOptions = {}): WebSocketMount {
  const rules = handshakeRules(options);
  const { maxMessageBytes = DEFAULT_MESSAGE_BYTES } = options;
  return {
    upgrade(request, server) {
      const handshake = handshakeOf(request);
      const status = rules(handshake);
      if (status !== undefined) return new Response(null, { status, headers: { Connection: "close" } });
      const protocol = chosenProtocol(offeredProtocols(handshake), options);
      const link = new BunWebSocketLink(infoOf(request, server, handshake), maxMessageBytes);
      const headers = protocol === undefined ? {} : { headers: { "Sec-WebSocket-Protocol": protocol } };
      if (server.upgrade(request, { data: link, ...headers })) return undefined;
      return new Response(null, { status: 400, headers: { Connection: "close" } });
    },
    websocket: {
      maxPayloadLength: maxMessageBytes,
      backpressureLimit: 0,
      closeOnBackpressureLimit: false,
      idleTimeout: 0,
      sendPings: false,
      perMessageDeflate: false,
      open(socket) {
        socket.data.opened(socket);
        hand(socket.data.link, accept);
      },
      message: ({ data }, message) => data.heard(message),
      drain: ({ data }) => data.drained(),
      close: ({ data }, code, reason) => data.closed(code, reason),
    },
  };
}

/** One connection from its handshake on. */
export class BunWebSocketLink implements MessageWire {
  readonly link: MessageLink;
  #socket: BunServerSocket<BunWebSocketLink> | undefined;
  /** Messages Bun has not been given, or did not take. */
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #closing: number | undefined;
  /** Bun is calling, and gathers what is sent meanwhile. */
  #called = false;
  #scheduled = false;

  constructor(info: LinkInfo, maxMessageBytes: number) {
    this.link = new MessageLink(this, { info, where: info.remote ?? "the peer", maxMessageBytes });
  }

  get buffered(): number {
    return this.#queuedBytes + (this.#socket?.getBufferedAmount() ?? 0);
  }

  send(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#called) return this.#flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      // At any other time it would write once for each message, which is five times as slow for small ones.
      this.#socket?.cork(() => this.#flush());
      this.link.relieved(); // if Bun took all of it, no drain follows
    });
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Bun forgets a connection the moment it is told to close it, so it is told when everything has left. */
  close(code: number): void {
    this.#closing = code;
    this.#flush();
  }

  terminate(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#socket?.terminate();
  }

  opened(socket: BunServerSocket<BunWebSocketLink>): void {
    this.#socket = socket;
    socket.binaryType = "uint8array";
    socket.pause();
  }

  heard(message: string | Uint8Array): void {
    this.#called = true;
    try {
      if (typeof message === "string") this.link.text();
      else this.link.arrived(message);
    } finally {
      this.#called = false;
    }
  }

  drained(): void {
    this.#flush();
    this.link.relieved();
  }

  closed(code: number, reason: string): void {
    if (reason === TOO_BIG_REASON) this.link.tooBig();
    this.link.gone(code, reason);
    this.#socket = undefined;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  #flush(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    let sent = 0;
    for (const bytes of this.#queue) {
      if (socket.getBufferedAmount() >= HANDED_BYTES) break;
      // 0: refused, and to be given again at the next drain; for an empty message it says nothing.
      if (socket.send(bytes) === 0 && bytes.length > 0) break;
      this.#queuedBytes -= bytes.length;
      sent++;
    }
    if (sent > 0) this.#queue.splice(0, sent);
    if (this.#closing === undefined || this.buffered > 0 || this.#queue.length > 0) return;
    socket.close(this.#closing);
  }
}

/** What Bun says of a message over `maxPayloadLength`; to the peer it has sent 1009. */
const TOO_BIG_REASON = "Received too big message";

function handshakeOf(request: Request): Handshake {
  const { pathname, search, protocol } = new URL(request.url);
  const headers = new Map(request.headers);
  return { target: pathname + search, secure: protocol === "https:", headers, headerCount: headers.size };
}

function infoOf(request: Request, server: BunServer, handshake: Handshake): LinkInfo {
  const remote = server.requestIP(request);
  return {
    scheme: handshake.secure ? "wss" : "ws",
    secure: handshake.secure,
    local: hostPort(server.hostname, server.port),
    ...(remote !== null && { remote: hostPort(remote.address, remote.port) }),
    request: requestInfo(handshake),
  };
}

/** With an authority, clients must show a certificate that it signed. */
function tlsOf({ tls }: WebSocketServerOptions): { readonly tls?: Readonly<Record<string, unknown>> } {
  if (tls === undefined) return {};
  const { cert, key, ca } = tls;
  return { tls: { cert, key, ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }) } };
}
