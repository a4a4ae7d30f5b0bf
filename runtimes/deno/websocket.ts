/**
 * WebSocket servers on Deno: those of Node, after asking for permission to listen. It never touches a socket itself.
 *
 * @module
 */
import type { WebSocketServer } from "../../src/contract/runtime.ts";
import { nodeWebSocketServer } from "../shared/ws-server.ts";
import { askToListen } from "./permission.ts";

/** The WebSocket server capability. Below TLS there is a tap, because Deno's own reads on while paused. */
export function denoWebSocketServer(): WebSocketServer {
  const server = nodeWebSocketServer({ tap: true });
  return {
    async listen(options, accept) {
      await askToListen(options.host, options.port);
      return await server.listen(options, accept);
    },
  };
}
