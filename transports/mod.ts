/**
 * The transports. Nothing registers itself: whoever wants one names it.
 *
 * @module
 */
export { createMemory } from "./memory.ts";
export { tcp } from "./tcp.ts";
export { tls } from "./tls.ts";
export { createWebSocket, webSocket, type WebSocketTransportOptions } from "./websocket.ts";
