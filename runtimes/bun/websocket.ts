/**
 * WebSocket clients over Bun's own. It never falls back to the package `ws`, whose place Bun takes with a shim.
 *
 * @module
 */
import { UsageError } from "../../src/contract/errors.ts";
import type { TlsOptions } from "../../src/contract/link.ts";
import type { WebSocketDialer } from "../../src/contract/runtime.ts";
import { dialHostWebSocket, type HostWebSocket } from "../shared/web-socket.ts";

/** The class, as Bun makes it. */
type BunWebSocketClass = new (
  url: string,
  options: {
    readonly protocols?: readonly string[];
    readonly headers?: Readonly<Record<string, string>>;
    readonly tls?: Readonly<Record<string, unknown>>;
  },
) => HostWebSocket;

/** The WebSocket client capability. Bun does not show a client the server's certificate, so it cannot pin one. */
export const bunWebSocket: WebSocketDialer = {
  can: { headers: true, pinning: false, clientCertificates: true },
  async connect(options) {
    const { url, headers, protocols = [], tls } = options;
    const { WebSocket } = globalThis as unknown as { readonly WebSocket: BunWebSocketClass };
    return await dialHostWebSocket(options, () =>
      new WebSocket(url.href, {
        ...(protocols.length > 0 && { protocols }),
        ...(headers && { headers }),
        ...(tls && { tls: tlsOf(url, tls) }),
      }));
  },
};

function tlsOf(url: URL, { ca, cert, key, serverName, certificateHashes = [] }: TlsOptions): Record<string, unknown> {
  if (certificateHashes.length > 0) {
    const text =
      `Connecting to ${url.host} failed: Bun's WebSocket cannot check tls.certificateHashes. Give it tls.ca.`;
    throw new UsageError("missing-capability", text);
  }
  return {
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { serverName }),
  };
}
