// What 1,000 connections leave behind once they are over: nothing. Counted on the simulated network and on the memory
// transport: wakes of the clock, sockets, places, handlers, and slabs.
import { describe, expect, it } from "#test";
import type { Runtime, SlabPool } from "../../src/contract/runtime.ts";
import { type RequestHandler, RSocketClient, type RSocketOptions, RSocketServer } from "../../src/front/rsocket.ts";
import { createSimulation, type Shape, simulated, type Simulation } from "../../runtimes/simulated/mod.ts";
import { createMemory } from "../../transports/memory.ts";
import { textsOf } from "../seeds/world.ts";

const CONNECTIONS = 1_000;

/** A pool that knows what is out. */
function counted(pool: SlabPool): SlabPool & { readonly out: number } {
  const out = new Set<Uint8Array>();
  return {
    get out() {
      return out.size;
    },
    take(large) {
      const slab = pool.take(large);
      out.add(slab);
      return slab;
    },
    give(slab) {
      if (!out.delete(slab)) throw new Error("A slab was given back that was not out");
      pool.give(slab);
    },
  };
}

interface Stage {
  readonly simulation: Simulation;
  readonly slabs: SlabPool & { readonly out: number };
  readonly server: RSocketServer;
  readonly client: () => RSocketClient;
  readonly running: () => number;
}

async function stage(where: "sim" | "memory", shape: Partial<Shape> = {}): Promise<Stage> {
  const simulation = createSimulation(7, { shape });
  const slabs = counted(simulation.runtime.slabs);
  const runtime: Runtime = { ...simulation.runtime, slabs };
  const transports = [simulated(simulation.network), createMemory()];
  const options: RSocketOptions = { runtime, transports };
  let running = 0;
  const handler: RequestHandler = {
    fireAndForget: () => {},
    onMetadataPush: () => {},
    requestResponse: (payload) => payload,
    async *requestStream() {
      running++;
      try {
        for (let n = 0; n < 100; n++) yield `item ${n}`;
      } finally {
        running--;
      }
    },
    async *requestChannel(first, rest) {
      yield first;
      yield* rest;
    },
  };
  const server = new RSocketServer(handler, options);
  await server.listen(`${where}://server`);
  const client = () => new RSocketClient(`${where}://server`, options);
  return { simulation, slabs, server, client, running: () => running };
}

/** Uses a connection in every way, leaves some calls open, and ends it in one of three ways. */
async function use(client: RSocketClient, n: number, end: () => void): Promise<void> {
  await client.connect();
  const open = client.requestStream("", { prefetch: 3 })[Symbol.asyncIterator]();
  await Promise.all([
    client.fireAndForget("f"),
    client.metadataPush("m"),
    client.requestResponse(new Uint8Array(n % 10 === 0 ? 30_000 : 30)),
    textsOf(client.requestStream("", { prefetch: 10 })),
    textsOf(client.requestChannel("a", ["b", "c"])),
    open.next(),
  ]);
  const waiting = open.next().catch(() => "lost");
  if (n % 3 === 0) await client.close();
  else if (n % 3 === 1) await client.close({ error: new Error("enough") });
  else end();
  await waiting;
  await client.closed;
}

function left({ simulation, slabs, server, running }: Stage) {
  const { sockets, pending } = server;
  return { wakes: simulation.clock.pending, sockets: sockets.size, pending, slabs: slabs.out, running: running() };
}

const NOTHING = { wakes: 0, sockets: 0, pending: 0, slabs: 0, running: 0 };

describe("1,000 connections that were opened, used and ended", () => {
  it("leave nothing behind on the simulated network", async () => {
    const its = await stage("sim");
    const { network, complete, advance } = its.simulation;
    for (let n = 0; n < CONNECTIONS; n++) {
      await complete(use(its.client(), n, () => network.wire.cut()), 1_000_000);
      if (n % 100 === 99) await advance(2_000);
    }
    await advance(100_000);
    expect(left(its)).toEqual(NOTHING);
    await complete(its.server.close());
  }, 60_000);

  it("leave nothing behind when the peer stopped reading", async () => {
    const its = await stage("sim", { windowBytes: 256, highWaterBytes: 256 });
    const { network, complete, advance } = its.simulation;
    for (let n = 0; n < 100; n++) {
      const client = its.client();
      await complete(client.connect());
      network.wire.stall(Infinity, "down");
      const lost = textsOf(client.requestStream("")).catch(() => "lost");
      await advance(12_000);
      expect(its.server.sockets.size).toBe(0);
      network.wire.heal();
      await complete(lost);
      await complete(client.close());
    }
    await advance(100_000);
    expect(left(its)).toEqual(NOTHING);
  }, 60_000);

  it("leave nothing behind on the memory transport", async () => {
    const its = await stage("memory");
    const { advance } = its.simulation;
    for (let n = 0; n < CONNECTIONS; n++) {
      const client = its.client();
      await use(client, n, () => void client.close());
    }
    await advance(100_000);
    expect(left(its)).toEqual(NOTHING);
    await its.server.close();
  }, 60_000);
});
