/**
 * WebSockets of a browser page or worker. A browser sends no headers and takes no certificates from a program, so
 * asking for them is refused, never passed over.
 *
 * @module
 */
import { UsageError } from "../../src/contract/errors.ts";
import type { WebSocketDialer } from "../../src/contract/runtime.ts";
import { dialHostWebSocket, type HostWebSocket } from "../shared/web-socket.ts";

/** The class, as browsers make it. */
type HostClass = new (url: string, protocols: string[]) => HostWebSocket;

/** The WebSocket client capability. */
export const browserWebSocket: WebSocketDialer = {
  can: { headers: false, pinning: false, clientCertificates: false },
  async connect(options) {
    const { url, headers = {}, protocols = [], tls = {} } = options;
    for (const [what, given] of [["headers", headers], ["tls options", tls]] as const) {
      if (Object.keys(given).length === 0) continue;
      throw new UsageError("missing-capability", `Connecting to ${url.host} failed: a browser takes no ${what}.`);
    }
    const { WebSocket } = globalThis as unknown as { readonly WebSocket: HostClass };
    return await dialHostWebSocket(options, () => new WebSocket(url.href, [...protocols]));
  },
};
