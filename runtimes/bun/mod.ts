/**
 * The runtime of Bun. It never imports another host's modules.
 *
 * @module
 */
import { slabPool } from "../../src/bytes/slabs.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import { createMemory, tcp } from "../../transports/mod.ts";
import { nodeFiles } from "../shared/node-files.ts";
import { webClock, webRandom } from "../shared/web.ts";
import { bunTcp } from "./tcp.ts";

/** Bun, with the transports it has. */
export const runtime: Runtime = {
  name: "bun",
  clock: webClock,
  random: webRandom,
  slabs: slabPool(),
  capabilities: { tcp: bunTcp(), files: nodeFiles },
  transports: [tcp, createMemory()],
};
