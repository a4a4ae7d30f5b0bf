// A runtime whose time stands still, for tests on the memory transport, where nothing ever waits for time.
import type { Runtime } from "../../src/contract/runtime.ts";
import { createSimulation } from "../../runtimes/simulated/mod.ts";

/** A fresh one: its clock is never moved. */
export function runtime(): Runtime {
  return createSimulation(1).runtime;
}
