// The network: names, dialling and all the ways in which it fails.
import { describe, expect, it } from "#test";
import { LinkError, UsageError } from "../../src/contract/errors.ts";
import type { Link } from "../../src/contract/link.ts";
import { createSimulation, record } from "./mod.ts";

describe("Network", () => {
  it("refuses who dials a name that nobody listens on, after one round trip", async () => {
    const { network, complete, clock } = createSimulation(1, { shape: { latencyMs: 30 } });
    await expect(complete(network.dial("nobody"))).rejects.toMatchObject({ code: "link-refused", reason: "refused" });
    expect(clock.now()).toBe(60);
  });

  it("binds a name once, frees it on close, and chooses numbers", async () => {
    const { network, complete } = createSimulation(1);
    const accepted: unknown[] = [];
    const listener = network.listen("server", "bytes", (link) => accepted.push(link));
    expect(() => network.listen("server", "bytes", () => {})).toThrow(LinkError);
    const link = (await complete(network.dial("server"))) as Link;
    listener.close();
    expect(await listener.closed).toEqual({ code: "closed", reason: "" });
    await expect(complete(network.dial("server"))).rejects.toBeInstanceOf(LinkError);
    expect(link.send(Uint8Array.of(1))).toBe(true);
    expect(network.listen("host:0", "bytes", () => {}).name).toBe("host:1");
    expect(network.listen("host:0", "bytes", () => {}).name).toBe("host:2");
    expect(accepted).toHaveLength(1);
  });

  it("refuses another kind than the listener's", async () => {
    const { network, complete } = createSimulation(1);
    network.listen("server", "messages", () => {});
    await expect(complete(network.dial("server", { kind: "session" }))).rejects.toBeInstanceOf(UsageError);
    expect(await complete(network.dial("server", { kind: "messages" }))).toMatchObject({ kind: "messages" });
    expect(await complete(network.dial("server"))).toMatchObject({ kind: "messages" });
  });

  it("gives up after timeoutMs, and the listener hears of it", async () => {
    const { network, complete, clock, runUntilIdle } = createSimulation(1, { shape: { latencyMs: 100 } });
    const closes: string[] = [];
    network.listen("server", "bytes", (link) => {
      record(link as Link, { closed: (info) => closes.push(info.code) });
    });
    const dialled = network.dial("server", { timeoutMs: 150 });
    await expect(complete(dialled)).rejects.toMatchObject({ code: "link-timeout", reason: "timeout" });
    expect(clock.now()).toBe(150);
    await runUntilIdle(1000);
    expect(closes).toEqual(["link-reset"]);
  });

  it("rejects with the signal's reason, before and during the call", async () => {
    const { network, advance } = createSimulation(1, { shape: { latencyMs: 100 } });
    const reason = new Error("changed my mind");
    const accepted: unknown[] = [];
    network.listen("server", "bytes", (link) => accepted.push(link));
    await expect(network.dial("server", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const outcome = network.dial("server", { signal: controller.signal }).catch((error: unknown) => error);
    await advance(50);
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await advance(1000);
    expect(accepted).toHaveLength(0);
  });

  it("waits for ever across a partition, and fails a dial that is cut", async () => {
    const { network, complete, runUntilIdle } = createSimulation(1);
    network.listen("server", "bytes", () => {});
    const parted = network.dial("server");
    network.wire.stall(Infinity);
    expect(await runUntilIdle(1e6)).toBe(true);
    network.wire.heal();
    expect(await complete(parted)).toMatchObject({ kind: "bytes" });
    const cut = network.dial("server");
    network.wire.cut();
    await expect(complete(cut)).rejects.toMatchObject({ code: "link-reset" });
  });

  it("refuses by the seed", async () => {
    const { network, complete } = createSimulation(1, { shape: { refuseChance: 0.5 } });
    network.listen("server", "bytes", () => {});
    const dials = Array.from({ length: 40 }, () => network.dial("server").then(() => "yes", () => "no"));
    const answers = await complete(Promise.all(dials));
    expect(answers).toContain("yes");
    expect(answers).toContain("no");
    expect(network.wires.map((wire) => wire.name).slice(0, 2)).toEqual(["n1", "n2"]);
  });
});
