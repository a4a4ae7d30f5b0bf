/**
 * The runtime of a browser page or worker: a clock and randomness, no capabilities yet. It never touches the page.
 *
 * @module
 */
import { slabPool } from "../../src/bytes/slabs.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import { createMemory, tcp } from "../../transports/mod.ts";
import { webClock, webRandom } from "../shared/web.ts";

/** A browser. The tcp transport is listed so that dialling it says what is missing instead of "unknown scheme". */
export const runtime: Runtime = {
  name: "browser",
  clock: webClock,
  random: webRandom,
  slabs: slabPool(),
  capabilities: {},
  transports: [tcp, createMemory()],
};
