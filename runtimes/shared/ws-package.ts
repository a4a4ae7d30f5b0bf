/**
 * The optional package `ws`, loaded when a WebSocket is first wanted, and what of it is used. It never installs
 * anything.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { UsageError } from "../../src/contract/errors.ts";

/** One WebSocket of the package. `_socket` and the like are never touched: the socket comes by the handshake. */
export interface WsSocket {
  readonly readyState: number;
  send(bytes: Uint8Array): void;
  close(code: number): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  on(event: "message", hear: (data: Uint8Array, isBinary: boolean) => void): this;
  on(event: "error", hear: (error: Error & { readonly code?: string }) => void): this;
  on(event: "close", hear: (code: number, reason: Uint8Array) => void): this;
  on(event: "open", hear: () => void): this;
  on(event: "unexpected-response", hear: (request: unknown, response: IncomingMessage) => void): this;
}

/** What a client takes. */
interface WsClientOptions {
  readonly createConnection: () => Socket;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxPayload: number;
  readonly perMessageDeflate: false;
}

/** What a server takes. */
interface WsServerOptions {
  readonly noServer: true;
  readonly clientTracking: false;
  readonly perMessageDeflate: false;
  readonly maxPayload: number;
  readonly handleProtocols: (offered: Set<string>) => string | false;
}

/** The two classes of the package. */
export interface WsPackage {
  readonly WebSocket: new (url: URL, protocols: string[], options: WsClientOptions) => WsSocket;
  readonly WebSocketServer: new (options: WsServerOptions) => {
    handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, done: (ws: WsSocket) => void): void;
  };
}

/** `readyState` of an open one. */
export const OPEN = 1;

/** Loads the package. Rejects with a UsageError "missing-package" when it is not there. */
export async function loadWs(load: () => Promise<unknown> = () => import("ws")): Promise<WsPackage> {
  try {
    return await load() as WsPackage;
  } catch (cause) {
    throw new UsageError(
      "missing-package",
      "WebSockets on this runtime need the package ws, which cannot be loaded here. Install it with: npm install ws",
      { cause },
    );
  }
}
