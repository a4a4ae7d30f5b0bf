/**
 * WebSocket servers on Node and Deno: `node:http` reads the request, `ws` does the rest. Own ports, and mounting into a
 * server of the program. It never upgrades what the rules of handshake.ts refuse.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { LinkInfo } from "../../src/contract/link.ts";
import type { WebSocketServer, WebSocketServerOptions } from "../../src/contract/runtime.ts";
import {
  type Accept,
  chosenProtocol,
  DEFAULT_MESSAGE_BYTES,
  hand,
  type Handshake,
  handshakeRules,
  MAX_HEADER_BYTES,
  MAX_HEADERS,
  type MountOptions,
  REASONS,
  requestInfo,
  type Verdict,
} from "./handshake.ts";
import { addressesOf } from "./node-link.ts";
import { bind, HIGH_WATER_BYTES } from "./node-net.ts";
import { listenTls, type NodeTlsOptions, type Secured } from "./node-tls.ts";
import { type Connection, wsLink } from "./ws-link.ts";
import { loadWs, type WsPackage } from "./ws-package.ts";

/** What a program's server has to be: one of node:http or node:https, or what a framework gives as such. */
export interface UpgradingServer {
  on(event: "upgrade", hear: Upgrade): unknown;
  off(event: "upgrade", hear: Upgrade): unknown;
  listenerCount(event: "upgrade"): number;
}

type Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** The WebSocket server capability. */
export function nodeWebSocketServer(tlsOptions: NodeTlsOptions = {}): WebSocketServer {
  return {
    async listen(options, accept) {
      const ws = await loadWs();
      const { host, port, tls, handshakeTimeoutMs: handshakeMs } = options;
      const pending = new Pending(handshakeMs);
      const secured = new WeakMap<Socket, Secured>();
      const server = requestReader(ws, options, accept, (socket) => {
        pending.settle(socket);
        return secured.get(socket) ?? { socket, lower: { raw: socket } };
      });
      const take = (connection: Secured) => {
        secured.set(connection.socket, connection);
        pending.add(connection.socket);
        server.emit("connection", connection.socket);
      };
      const listener = tls === undefined
        ? await bind({ host, port }, HIGH_WATER_BYTES, (socket) => {
          pending.add(socket);
          server.emit("connection", socket);
        })
        : await listenTls({ host, port, tls }, take, { ...tlsOptions, handshakeMs });
      const close = async () => {
        await listener.close();
        pending.destroyAll();
      };
      return { ...listener, close };
    },
  };
}

/** Reads requests from connections it is given; it never listens itself, so that sockets can be reset and tapped. */
function requestReader(
  ws: WsPackage,
  options: WebSocketServerOptions,
  accept: Accept,
  connectionOf: (socket: Socket) => Connection,
): Server {
  const rules = handshakeRules(options);
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES });
  server.maxHeadersCount = MAX_HEADERS + 1; // one more than is taken, so that too many can be told from enough
  server.on("request", (request, response) => {
    response.sendDate = false;
    response.shouldKeepAlive = false;
    response.writeHead(rules(handshakeOf(request)) ?? 426, { "Content-Length": 0, Upgrade: "websocket" }).end();
  });
  server.on("upgrade", upgrader(ws, options, rules, accept, connectionOf));
  return server;
}

/** Connections that are no WebSocket yet, each with its time limit. */
class Pending {
  readonly #timeoutMs: number;
  readonly #timers: Map<Socket, NodeJS.Timeout> = new Map();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  add(socket: Socket): void {
    this.#timers.set(socket, setTimeout(() => socket.destroy(), this.#timeoutMs));
    socket.once("close", () => this.settle(socket));
  }

  settle(socket: Socket): void {
    clearTimeout(this.#timers.get(socket));
    this.#timers.delete(socket);
  }

  destroyAll(): void {
    for (const socket of this.#timers.keys()) socket.destroy();
  }
}

/**
 * Serves WebSockets on a server of the program: node:http or node:https, also the one that Express, Fastify or Hono's
 * Node adapter run on. The result takes it off again. Requests for other paths are left to the program's own `upgrade`
 * listeners, and get 404 when there are none.
 */
export async function mountWebSocket(
  server: UpgradingServer,
  accept: Accept,
  options: MountOptions = {},
): Promise<() => void> {
  const ws = await loadWs();
  const rules = handshakeRules(options);
  const take = upgrader(ws, options, rules, accept, (socket) => ({ socket, lower: { raw: socket } }));
  const upgrade: Upgrade = (request, socket, head) => {
    if (rules(handshakeOf(request)) === 404 && server.listenerCount("upgrade") > 1) return;
    take(request, socket, head);
  };
  server.on("upgrade", upgrade);
  return () => void server.off("upgrade", upgrade);
}

function upgrader(
  ws: WsPackage,
  options: MountOptions,
  rules: (handshake: Handshake) => Verdict,
  accept: Accept,
  connectionOf: (socket: Socket) => Connection,
): Upgrade {
  const { maxMessageBytes = DEFAULT_MESSAGE_BYTES } = options;
  const acceptor = new ws.WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handleProtocols: (offered) => chosenProtocol(offered, options) ?? false,
  });
  return (request, socket, head) => {
    const handshake = handshakeOf(request);
    const verdict = rules(handshake);
    if (verdict !== undefined) return refuse(socket, verdict);
    const connection = connectionOf(socket);
    const info = infoOf(connection, handshake);
    acceptor.handleUpgrade(request, socket, head, (opened) => {
      hand(wsLink({ ws: opened, ...connection, info, where: info.remote ?? "the peer", maxMessageBytes }), accept);
    });
  };
}

function refuse(socket: Socket, status: Exclude<Verdict, undefined>): void {
  socket.on("error", ignore);
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function handshakeOf(request: IncomingMessage): Handshake {
  const headers = new Map<string, string>();
  for (const [name, value = ""] of Object.entries(request.headers)) {
    headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return {
    target: request.url ?? "/",
    secure: isSecure(request.socket),
    headers,
    headerCount: request.rawHeaders.length / 2,
  };
}

function isSecure(socket: Socket): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

function infoOf({ lower, certificates = [] }: Connection, handshake: Handshake): LinkInfo {
  const { secure } = handshake;
  return {
    scheme: secure ? "wss" : "ws",
    secure,
    ...addressesOf(lower.raw),
    ...(certificates.length > 0 && { peerCertificates: certificates }),
    request: requestInfo(handshake),
  };
}

function ignore(): void {}
