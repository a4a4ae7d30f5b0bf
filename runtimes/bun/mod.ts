/**
 * The runtime of Bun. It never imports another host's modules.
 *
 * @module
 */
import { slabPool } from "../../src/bytes/slabs.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import { createMemory, tcp, tls, webSocket } from "../../transports/mod.ts";
import { nodeFiles } from "../shared/node-files.ts";
import { nodeTls } from "../shared/node-tls.ts";
import { webClock, webRandom } from "../shared/web.ts";
import { bunTcp } from "./tcp.ts";
import { bunWebSocket } from "./websocket.ts";
import { bunWebSocketServer } from "./websocket-server.ts";

export type { Accept, MountOptions } from "../shared/handshake.ts";
export { mountWebSocket, type WebSocketMount } from "./websocket-server.ts";

/** Bun, with the transports it has. */
export const runtime: Runtime = {
  name: "bun",
  clock: webClock,
  random: webRandom,
  slabs: slabPool(),
  capabilities: {
    tcp: bunTcp(),
    tls: nodeTls(),
    files: nodeFiles,
    webSocket: bunWebSocket,
    webSocketServer: bunWebSocketServer(),
  },
  transports: [tcp, tls, webSocket, createMemory()],
};
