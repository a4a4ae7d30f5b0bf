// How a driver ends: by its machine, by the peer, by the link, and what is left afterwards (nothing).
import { describe, expect, it } from "#test";
import { type PlainEvent, PlainMachine } from "../../conformance/seeds/plain-machine.ts";
import { tapLink } from "../../conformance/seeds/taps.ts";
import { createSimulation, record, type Recording } from "../../runtimes/simulated/mod.ts";
import type { Link } from "../contract/link.ts";
import { Driver, LINGER_MS } from "./driver.ts";

async function driven() {
  const simulation = createSimulation(1);
  const { network, runtime } = simulation;
  const accepted: Recording[] = [];
  network.listen("server", "bytes", (link) => accepted.push(record(link as Link)));
  const link = tapLink((await simulation.complete(network.dial("server"))) as Link);
  const machine = new PlainMachine(runtime.slabs);
  const told: string[] = [];
  const driver: Driver<PlainEvent> = new Driver(machine, link, runtime.clock, {
    event: (event) => void told.push(event.what),
    writable: () => void told.push("writable"),
    closedBy: (info) => void told.push(`closed ${info.code} ${info.error?.message ?? ""}`),
  });
  machine.deadline = simulation.clock.now() + 60_000;
  driver.start();
  const watch = { gone: false };
  void driver.gone().then(() => (watch.gone = true));
  return { simulation, machine, link, driver, told, watch, far: accepted[0]! };
}

describe("Driver: close", () => {
  it("ends the link after everything was sent, and is gone when the peer has ended too", async () => {
    const { simulation, machine, link, driver, told, watch, far } = await driven();
    machine.write(new Uint8Array(10));
    machine.close();
    driver.touch();
    await simulation.advance(5);
    expect(link.calls).toEqual(["send 10", "resume", "end"]);
    expect([far.bytes().length, far.ends, watch.gone]).toEqual([10, 1, false]);
    expect(told).toEqual(["closing", "closed closed "]);
    far.link.end();
    await simulation.advance(5);
    expect([watch.gone, link.calls.includes("abort"), simulation.clock.pending]).toEqual([true, false, 0]);
    await driver.gone();
  });

  it("aborts the link when the peer never ends", async () => {
    const { simulation, machine, link, driver, watch } = await driven();
    machine.close();
    driver.touch();
    await simulation.advance(LINGER_MS - 1);
    expect([link.calls.includes("abort"), watch.gone]).toEqual([false, false]);
    await simulation.advance(2);
    expect([link.calls.at(-1), watch.gone]).toEqual(["abort", true]);
    await simulation.advance(5);
    expect(simulation.clock.pending).toBe(0);
  });

  it("lets a paused link hear the peer's end", async () => {
    const { simulation, machine, link, driver, watch, far } = await driven();
    machine.say({ type: "pause", lane: 0 });
    driver.touch();
    await simulation.settle();
    far.link.end();
    machine.close();
    driver.touch();
    await simulation.advance(5);
    expect([link.calls, watch.gone]).toEqual([["pause", "resume", "end"], true]);
  });

  it("answers the peer's end with its own", async () => {
    const { simulation, told, watch, far } = await driven();
    far.link.end();
    await simulation.advance(5);
    expect([told, far.ends, watch.gone]).toEqual([["end", "closing", "closed closed "], 1, true]);
    expect(simulation.clock.pending).toBe(0);
  });

  it("tells of a link that dies, once", async () => {
    const { simulation, told, watch, driver } = await driven();
    simulation.network.wire.cut();
    await simulation.advance(5);
    expect(told).toEqual(["end: The connection was cut", "closing", "closed closed The connection was cut"]);
    expect([watch.gone, simulation.clock.pending]).toEqual([true, 0]);
    driver.closed({ code: "again", reason: "" });
    driver.pump();
    driver.touch();
    await simulation.advance(5);
    expect(told).toHaveLength(3);
    expect(simulation.clock.pending).toBe(0);
  });

  it("is gone when the link dies while it lingers, and tells nothing after the close", async () => {
    const { simulation, machine, driver, told, watch, far } = await driven();
    machine.close();
    driver.touch();
    await simulation.settle();
    far.link.send(new Uint8Array(5));
    await simulation.advance(5);
    simulation.network.wire.cut();
    await simulation.advance(5);
    expect(told).toEqual(["closing", "closed closed "]);
    expect([watch.gone, simulation.clock.pending]).toEqual([true, 0]);
  });

  it("keeps no alarm of the machine's after the close", async () => {
    const { simulation, machine, driver, far } = await driven();
    machine.close();
    machine.deadline = simulation.clock.now() + 10;
    driver.touch();
    await simulation.advance(5);
    far.link.end();
    await simulation.advance(100);
    expect(machine.ticks).toHaveLength(1); // with the command, none by alarm
  });
});
