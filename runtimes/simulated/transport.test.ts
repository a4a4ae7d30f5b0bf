// The "sim" scheme: what a URL means, and that the contract of a transport is kept.
import { describe, expect, it } from "#test";
import { LinkError, UsageError } from "../../src/contract/errors.ts";
import type { Link, Session } from "../../src/contract/link.ts";
import type { Transport } from "../../src/contract/transport.ts";
import { createSimulation, type Simulation } from "./mod.ts";

function transportOf({ runtime }: Simulation): Required<Transport> {
  const [transport] = runtime.transports;
  if (transport?.listen === undefined) throw new Error("no transport that listens");
  return transport as Required<Transport>;
}

describe("simulated()", () => {
  it("dials what it listens on, by the listener's URL", async () => {
    for (const kind of ["bytes", "messages", "session"]) {
      const simulation = createSimulation(1);
      const { runtime, complete } = simulation;
      const transport = transportOf(simulation);
      const accepted: (Link | Session)[] = [];
      const url = new URL(`sim://server:0?kind=${kind}`);
      const listener = await transport.listen(runtime, url, {}, (link) => accepted.push(link));
      expect(listener.url).toBe(`sim://server:1?kind=${kind}`);
      const dialled = await complete(transport.dial(runtime, new URL(listener.url), {}));
      expect([dialled.kind, accepted[0]?.kind]).toEqual([kind, kind]);
      await listener.close();
      expect(await listener.closed).toMatchObject({ code: "closed" });
      await expect(complete(transport.dial(runtime, new URL(listener.url), {}))).rejects.toBeInstanceOf(LinkError);
    }
  });

  it("shapes a connection by the dialled URL", async () => {
    const simulation = createSimulation(1);
    const { runtime, complete, clock } = simulation;
    const transport = transportOf(simulation);
    await transport.listen(runtime, new URL("sim://server"), {}, () => {});
    await complete(transport.dial(runtime, new URL("sim://server?latencyMs=250"), {}));
    expect(clock.now()).toBe(500);
    const late = transport.dial(runtime, new URL("sim://server?latencyMs=250"), { timeoutMs: 100 });
    await expect(complete(late)).rejects.toMatchObject({ reason: "timeout" });
  });

  it("refuses URLs that mean nothing, and a taken name", async () => {
    const simulation = createSimulation(1);
    const { runtime } = simulation;
    const transport = transportOf(simulation);
    for (const url of ["sim://server?kind=pigeon", "sim:server", "sim://server?speed=1"]) {
      await expect(transport.dial(runtime, new URL(url), {})).rejects.toBeInstanceOf(UsageError);
    }
    await transport.listen(runtime, new URL("sim://server"), {}, () => {});
    const again = transport.listen(runtime, new URL("sim://server"), {}, () => {});
    await expect(again).rejects.toMatchObject({ code: "port-in-use", reason: "in-use" });
  });

  it("stands beside another network without touching it", async () => {
    const [one, other] = [createSimulation(1), createSimulation(1)];
    await transportOf(one).listen(one.runtime, new URL("sim://server"), {}, () => {});
    const missed = other.complete(transportOf(other).dial(other.runtime, new URL("sim://server"), {}));
    await expect(missed).rejects.toMatchObject({ reason: "refused" });
  });
});
