/**
 * WebSocket clients on Node and Deno, over the package `ws`. It sends nothing before the connection, and for wss the
 * server's certificate, is what was asked for.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import { LinkError, UsageError } from "../../src/contract/errors.ts";
import type { Link, LinkInfo } from "../../src/contract/link.ts";
import type { WebSocketDialer } from "../../src/contract/runtime.ts";
import { openError } from "./node-errors.ts";
import { addressesOf } from "./node-link.ts";
import { HIGH_WATER_BYTES, openSocket } from "./node-net.ts";
import { type NodeTlsOptions, openTls } from "./node-tls.ts";
import { brokenError } from "./tls-errors.ts";
import { type Connection, wsLink } from "./ws-link.ts";
import { loadWs, type WsPackage } from "./ws-package.ts";

type DialOptions = Parameters<WebSocketDialer["connect"]>[0];

/** The WebSocket client capability. */
export function nodeWebSocket(tls: NodeTlsOptions = {}): WebSocketDialer {
  return {
    can: { headers: true, pinning: true, clientCertificates: true },
    async connect(options) {
      const ws = await loadWs();
      const { url, signal } = options;
      const to = { ...addressOf(url), ...(signal && { signal }) };
      const shake = (connection: Connection) => shakeHands(ws, connection, options);
      if (url.protocol === "wss:") {
        const secure = { ...to, tls: options.tls ?? {} };
        return await openTls(secure, shake, tls);
      }
      const socket = await openSocket(to, HIGH_WATER_BYTES);
      return await shake({ socket, lower: { raw: socket } });
    },
  };
}

/** The opening handshake on an open connection, which ends with the attempt. */
function shakeHands(
  ws: WsPackage,
  connection: Connection,
  { url, headers = {}, protocols = [], maxMessageBytes, signal, tls }: DialOptions,
): Promise<Link> {
  const { socket, lower } = connection;
  const info = infoOf(connection, url); // at once: a closed socket no longer knows its addresses
  return new Promise((resolve, reject) => {
    const settle = () => signal?.removeEventListener("abort", giveUp);
    const failed = (error: Error) => {
      settle();
      socket.destroy();
      lower.raw.on("error", ignore).destroy();
      reject(error);
    };
    const giveUp = () => failed(signal?.reason);
    socket.on("error", ignore);
    try {
      const opened = new ws.WebSocket(url, [...protocols], {
        createConnection: () => socket,
        headers,
        maxPayload: maxMessageBytes,
        perMessageDeflate: false,
      });
      opened.on("open", () => {
        settle();
        resolve(wsLink({ ws: opened, ...connection, info, where: info.remote ?? url.host, maxMessageBytes }));
      });
      opened.on("unexpected-response", (_request, response) => failed(refusedWith(url, response)));
      opened.on("error", (error) => failed(handshakeError(url, error, tls?.cert !== undefined)));
      signal?.addEventListener("abort", giveUp, { once: true });
    } catch (cause) {
      const is = cause instanceof Error ? cause.message : String(cause);
      failed(
        new UsageError("bad-argument", `Connecting to ${shown(url)} failed: ${is}. Change the headers.`, { cause }),
      );
    }
  });
}

function refusedWith(url: URL, { statusCode = 0, statusMessage = "" }: IncomingMessage): LinkError {
  return refused(
    url,
    `the server answered ${statusCode} ${statusMessage}`.trimEnd() + " instead of opening a WebSocket",
  );
}

/** `ws` gives errors without a code for answers that are none; the host gives errno names, or names of its parser's. */
function handshakeError(url: URL, cause: Error & { readonly code?: string }, showedCertificate: boolean): Error {
  if (cause.code !== undefined && !/^(HPE|WS)_/.test(cause.code)) {
    // In TLS 1.3 a server says only after its own handshake what it thinks of a client's certificate.
    if (url.protocol === "wss:") return brokenError(cause, shown(url), showedCertificate);
    return openError(cause, "connecting to", shown(url));
  }
  return refused(url, `the server does not speak WebSocket as it should (${cause.message})`, cause);
}

function refused(url: URL, is: string, cause?: Error): LinkError {
  const text = `Connecting to ${shown(url)} failed: ${is}. Check the address, the path and what the server asks for.`;
  return new LinkError("link-refused", "refused", text, { cause });
}

/** Without the query, which may hold a credential. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function addressOf(url: URL): { readonly host: string; readonly port: number } {
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  return { host, port: url.port === "" ? (url.protocol === "wss:" ? 443 : 80) : Number(url.port) };
}

function infoOf({ lower, certificates: peerCertificates = [] }: Connection, url: URL): LinkInfo {
  return {
    scheme: url.protocol.slice(0, -1),
    secure: url.protocol === "wss:",
    ...addressesOf(lower.raw),
    ...(peerCertificates.length > 0 && { peerCertificates }),
  };
}

function ignore(): void {}
