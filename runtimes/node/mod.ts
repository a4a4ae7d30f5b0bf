/**
 * The runtime of Node. It never imports another host's modules.
 *
 * @module
 */
import { slabPool } from "../../src/bytes/slabs.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import { createMemory, tcp, tls, webSocket } from "../../transports/mod.ts";
import { nodeFiles } from "../shared/node-files.ts";
import { nodeTcp } from "../shared/node-net.ts";
import { nodeTls } from "../shared/node-tls.ts";
import { nodeWebSocket } from "../shared/ws-client.ts";
import { nodeWebSocketServer } from "../shared/ws-server.ts";
import { webClock, webRandom } from "../shared/web.ts";

export type { Accept, MountOptions } from "../shared/handshake.ts";
export { mountWebSocket, type UpgradingServer } from "../shared/ws-server.ts";

/** Node, with the transports it has. */
export const runtime: Runtime = {
  name: "node",
  clock: webClock,
  random: webRandom,
  slabs: slabPool(),
  capabilities: {
    tcp: nodeTcp(),
    tls: nodeTls(),
    files: nodeFiles,
    webSocket: nodeWebSocket(),
    webSocketServer: nodeWebSocketServer(),
  },
  transports: [tcp, tls, webSocket, createMemory()],
};
