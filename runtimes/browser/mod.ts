/**
 * The runtime of a browser page or worker: a clock, randomness and WebSockets. It never touches the page.
 *
 * @module
 */
import { slabPool } from "../../src/bytes/slabs.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import { createMemory, tcp, tls, webSocket } from "../../transports/mod.ts";
import { webClock, webRandom } from "../shared/web.ts";
import { browserWebSocket } from "./websocket.ts";

/** A browser. The tcp and tls transports are listed so that dialling them says what is missing instead of "unknown scheme". */
export const runtime: Runtime = {
  name: "browser",
  clock: webClock,
  random: webRandom,
  slabs: slabPool(),
  capabilities: { webSocket: browserWebSocket },
  transports: [webSocket, tcp, tls, createMemory()],
};
