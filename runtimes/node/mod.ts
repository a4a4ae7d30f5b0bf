/**
 * The runtime of Node. It never imports another host's modules.
 *
 * @module
 */
import { slabPool } from "../../src/bytes/slabs.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import { createMemory, tcp } from "../../transports/mod.ts";
import { nodeFiles } from "../shared/node-files.ts";
import { nodeTcp } from "../shared/node-net.ts";
import { webClock, webRandom } from "../shared/web.ts";

/** Node, with the transports it has. */
export const runtime: Runtime = {
  name: "node",
  clock: webClock,
  random: webRandom,
  slabs: slabPool(),
  capabilities: { tcp: nodeTcp(), files: nodeFiles },
  transports: [tcp, createMemory()],
};
