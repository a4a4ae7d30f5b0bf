/**
 * The simulated runtime: a whole network in one process, where time, chance and faults come from one seed. It never
 * reads a real clock, a real source of randomness or a socket, so equal seeds give equal runs on every host.
 *
 * @module
 */
import type { Runtime, SlabPool } from "../../src/contract/runtime.ts";
import { slabPool } from "../../src/bytes/slabs.ts";
import { VirtualClock } from "./clock.ts";
import { POISON } from "./lend.ts";
import { Network } from "./network.ts";
import { advance, complete, runUntilIdle } from "./pace.ts";
import { Random } from "./random.ts";
import { settle } from "./settle.ts";
import { CALM, type Shape } from "./shape.ts";
import { Trace } from "./trace.ts";
import { simulated } from "./transport.ts";

export { CALM, drawShape, type Shape } from "./shape.ts";
export { record, type Recording } from "./recording.ts";
export { hashBytes } from "./trace.ts";
export { simulated } from "./transport.ts";
export type { VirtualClock } from "./clock.ts";
export type { Network, NetworkDialOptions, NetworkListener, SimulatedKind } from "./network.ts";
export type { Random } from "./random.ts";
export type { Trace } from "./trace.ts";
export type { Direction, Wire } from "./wire.ts";

/** What is not left to the seed. */
export interface SimulationOptions {
  /** What connections are like: what is absent is as in `CALM`. `drawShape(random)` gives a random one. */
  readonly shape?: Partial<Shape>;
  /** The first reading of the clock, in milliseconds. 0 by default. */
  readonly startMs?: number;
}

/** A runtime and the strings it hangs on. */
export interface Simulation {
  /** Where all chance comes from. */
  readonly seed: number;
  /** Give this to clients and servers. */
  readonly runtime: Runtime;
  /** Who listens, and the wires between; here they are cut and stalled. */
  readonly network: Network;
  /** Moves time without letting promises run out; for code without promises. */
  readonly clock: VirtualClock;
  /** For the test's own draws. */
  readonly random: Random;
  /** What happened, and its hash, which equal seeds give again. */
  readonly trace: Trace;
  /** Lets all promises run out. No virtual time passes. */
  readonly settle: () => Promise<void>;
  /** Lets this much virtual time pass, with everything that happens in it. */
  readonly advance: (ms: number) => Promise<void>;
  /** Runs until no wake is left. False when `maxVirtualMs` passed first. */
  readonly runUntilIdle: (maxVirtualMs: number) => Promise<boolean>;
  /** Runs until the promise settles, at most `maxVirtualMs` (a minute when absent). */
  readonly complete: <T>(promise: Promise<T>, maxVirtualMs?: number) => Promise<T>;
}

/**
 * A simulation from a seed, which is a safe integer. Two never share anything.
 *
 * @example
 * ```ts
 * const simulation = createSimulation(7, { shape: { latencyMs: 40, resegmentChance: 1 } });
 * const { network } = simulation;
 * network.listen("server", "bytes", (link) => link.kind !== "session" && link.end());
 * const link = await simulation.complete(network.dial("server"));
 * simulation.clock.now(); // 80: one round trip
 * ```
 */
export function createSimulation(seed: number, options: SimulationOptions = {}): Simulation {
  const root = new Random(seed);
  const clock = new VirtualClock(options.startMs ?? 0);
  const trace = new Trace();
  const network = new Network({ clock, trace, random: root.fork("network"), shape: { ...CALM, ...options.shape } });
  const host = root.fork("host");
  const runtime: Runtime = {
    name: "simulated",
    clock,
    random: (into) => host.bytes(into),
    slabs: poisoned(slabPool()),
    capabilities: {},
    transports: [simulated(network)],
  };
  return {
    seed,
    runtime,
    network,
    clock,
    random: root.fork("test"),
    trace,
    settle,
    advance: (ms) => advance(clock, ms),
    runUntilIdle: (maxVirtualMs) => runUntilIdle(clock, maxVirtualMs),
    complete: (promise, maxVirtualMs = 60_000) => complete(clock, promise, maxVirtualMs),
  };
}

/** A slab that is given back is overwritten, so whoever still sends from it sends 0xDD. */
function poisoned(pool: SlabPool): SlabPool {
  return {
    take: (large) => pool.take(large),
    give(slab) {
      slab.fill(POISON);
      pool.give(slab);
    },
  };
}
