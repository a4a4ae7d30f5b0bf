// The driver's loop: its alarm, its writes, its back-pressure. How it ends is in driver-close.test.ts.
import { describe, expect, it } from "#test";
import { type PlainEvent, PlainMachine } from "../../conformance/seeds/plain-machine.ts";
import { tapClock, tapLink } from "../../conformance/seeds/taps.ts";
import { createSimulation, record, type Recording, type Shape } from "../../runtimes/simulated/mod.ts";
import type { Link } from "../contract/link.ts";
import { Driver } from "./driver.ts";

/** A driver at the dialling end, and the other end recorded. */
async function driven(shape: Partial<Shape> = {}) {
  const simulation = createSimulation(1, { shape });
  const { network, runtime } = simulation;
  const accepted: Recording[] = [];
  network.listen("server", "bytes", (link) => accepted.push(record(link as Link)));
  const link = tapLink((await simulation.complete(network.dial("server"))) as Link);
  const machine = new PlainMachine(runtime.slabs);
  const clock = tapClock(runtime.clock);
  const told: string[] = [];
  const react: { event: (event: PlainEvent) => void; writable: () => void } = { event() {}, writable() {} };
  const driver: Driver<PlainEvent> = new Driver(machine, link, clock, {
    event(event) {
      told.push(event.what);
      react.event(event);
    },
    writable() {
      told.push("writable");
      react.writable();
    },
    closedBy: (info) => void told.push(`closed ${info.code}`),
  });
  const far = accepted[0]!; // accepted before the dial resolved
  return { simulation, machine, link, clock, driver, told, react, far };
}

const bytes = (length: number, value: number = 1) => new Uint8Array(length).fill(value);

describe("Driver: alarm", () => {
  it("keeps one alarm, however often the deadline moves", async () => {
    const { simulation, machine, clock, driver, far, told } = await driven();
    machine.silenceMs = 1_000;
    machine.deadline = simulation.clock.now() + 1_000;
    driver.start();
    expect(clock.wakes).toBe(1);
    for (let sent = 0; sent < 10_000; sent++) {
      far.link.send(bytes(1));
      if (sent % 100 === 0) await simulation.advance(1);
    }
    await simulation.advance(10);
    expect(told.length).toBeGreaterThan(90);
    expect(clock.wakes).toBeLessThan(5);
    expect(machine.ticks).toEqual([]);
  });

  it("looks again when the deadline has moved on, and ticks when it has come", async () => {
    const { simulation, machine, clock, driver } = await driven();
    const start = simulation.clock.now();
    machine.deadline = start + 100;
    driver.start();
    machine.deadline = start + 250;
    await simulation.advance(200);
    expect([machine.ticks, clock.wakes]).toEqual([[], 2]);
    await simulation.advance(49);
    expect(machine.ticks).toEqual([]);
    await simulation.advance(1);
    expect([machine.ticks, simulation.clock.pending]).toEqual([[start + 250], 0]);
  });

  it("arms an earlier alarm at once, and none for Infinity", async () => {
    const { simulation, machine, driver } = await driven();
    driver.start();
    expect(simulation.clock.pending).toBe(0);
    machine.deadline = simulation.clock.now() + 1_000;
    driver.pump();
    machine.deadline = simulation.clock.now() + 10;
    driver.pump();
    expect([simulation.clock.pending, simulation.clock.next]).toEqual([1, simulation.clock.now() + 10]);
    machine.deadline = Infinity;
    driver.pump();
    expect(simulation.clock.pending).toBe(0);
  });

  it("tells the machine the time before commands of a later moment are polled", async () => {
    const { simulation, machine, driver } = await driven();
    driver.start();
    await simulation.advance(77);
    driver.touch();
    await simulation.settle();
    expect(machine.ticks).toEqual([simulation.clock.now()]);
  });
});

describe("Driver: writes", () => {
  it("sends what commands say within one chunk as one", async () => {
    const { simulation, machine, link, driver, react, far } = await driven();
    react.event = () => {
      for (let n = 0; n < 10; n++) {
        machine.write(bytes(5));
        driver.touch();
      }
      expect(link.calls).toEqual([]);
    };
    driver.start();
    far.link.send(bytes(3));
    await simulation.advance(10);
    expect(link.calls).toEqual(["send 50"]);
    expect(far.bytes().length).toBe(50);
    expect(machine.ticks).toEqual([]); // no turn of its own
  });

  it("sends what commands of one turn say a few microtasks later, as one", async () => {
    const { machine, link, driver, simulation } = await driven();
    driver.start();
    for (let n = 0; n < 10; n++) {
      machine.write(bytes(5));
      driver.touch();
    }
    expect(link.calls).toEqual([]);
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    expect(link.calls).toEqual(["send 50"]);
    await simulation.settle();
    expect([link.calls, machine.ticks.length]).toEqual([["send 50"], 1]);
  });

  it("sends what an async generator says in many turns as one", async () => {
    const { machine, link, driver, simulation } = await driven();
    driver.start();
    async function* items() {
      for (let n = 0; n < 20; n++) yield n;
    }
    for await (const _ of items()) {
      machine.write(bytes(5));
      driver.touch();
    }
    await simulation.settle();
    expect(link.calls).toEqual(["send 100"]);
  });

  it("sends in the end while commands go on for ever", async () => {
    const { machine, link, driver } = await driven();
    driver.start();
    let turns = 0;
    while (link.calls.length === 0 && turns < 10_000) {
      machine.write(bytes(1));
      driver.touch();
      turns++;
      await Promise.resolve();
    }
    expect(turns).toBeLessThan(600);
  });

  it("sends a burst while it is made", async () => {
    const { simulation, machine, link, driver, far } = await driven({ windowBytes: 1e9, highWaterBytes: 1e9 });
    driver.start();
    for (let n = 0; n < 1024; n++) {
      machine.write(bytes(1024, n & 0xff));
      driver.touch();
    }
    const early = link.calls.reduce((sum, call) => sum + Number(call.split(" ")[1]), 0);
    expect(early).toBeGreaterThan(1024 * 1024 - 65_537);
    expect(link.calls.length).toBeLessThan(40);
    await simulation.advance(10);
    const whole = far.bytes();
    expect(whole.length).toBe(1024 * 1024);
    expect(whole.findIndex((value, at) => value !== (at >> 10 & 0xff))).toBe(-1);
  });

  it("also sends a burst that is made inside an event", async () => {
    const { simulation, machine, link, driver, react, far } = await driven({ windowBytes: 1e9, highWaterBytes: 1e9 });
    let early = 0;
    react.event = () => {
      for (let n = 0; n < 200; n++) {
        machine.write(bytes(1024));
        driver.touch();
      }
      early = link.calls.length;
    };
    driver.start();
    far.link.send(bytes(1));
    await simulation.advance(10);
    expect(early).toBeGreaterThan(1);
    expect(far.bytes().length).toBe(200 * 1024);
  });

  it("gives memory back only when nobody refers to it", async () => {
    const { simulation, machine, driver, link, far } = await driven({ holdChance: 1, holdMs: 5 });
    const released = machine.released.bind(machine);
    machine.released = () => {
      expect(link.buffered).toBe(0);
      released();
    };
    driver.start();
    let sent = 0;
    while (sent < 50_000) {
      machine.write(bytes(100, sent / 100 & 0x7f));
      sent += 100;
      driver.touch();
      if (sent % 1_000 === 0) await simulation.advance(1);
    }
    await simulation.advance(100);
    const whole = far.bytes();
    expect(whole.length).toBe(sent);
    expect(whole.findIndex((value, at) => value !== (Math.floor(at / 100) & 0x7f))).toBe(-1);
    driver.pump();
    expect(machine.releases).toBeGreaterThan(0);
  });

  it("asks for memory back once for what was sent, not at each input", async () => {
    const { simulation, machine, driver, far } = await driven();
    driver.start();
    for (let n = 0; n < 10; n++) {
      far.link.send(bytes(1));
      await simulation.advance(2);
    }
    expect(machine.releases).toBe(0);
    machine.write(bytes(1));
    driver.touch();
    await simulation.advance(5);
    far.link.send(bytes(1));
    await simulation.advance(5);
    expect(machine.releases).toBe(1);
  });
});

describe("Driver: back-pressure", () => {
  it("is not writable from the first false to the drain", async () => {
    const { simulation, machine, driver, told, react } = await driven({ highWaterBytes: 100, windowBytes: 100 });
    driver.start();
    expect(driver.isWritable).toBe(true);
    machine.write(bytes(500));
    driver.touch();
    await simulation.settle();
    expect([driver.isWritable, told]).toEqual([false, []]);
    const seen: boolean[] = [];
    react.writable = () => {
      seen.push(driver.isWritable);
      machine.write(bytes(1));
      driver.touch();
    };
    await simulation.advance(100);
    expect([driver.isWritable, told, seen]).toEqual([true, ["writable"], [true]]);
  });

  it("passes pause and resume on to the link", async () => {
    const { simulation, machine, driver, link, told, far } = await driven();
    driver.start();
    machine.say({ type: "pause", lane: 0 });
    driver.touch();
    await simulation.settle();
    far.link.send(bytes(1));
    await simulation.advance(100);
    expect([link.calls, told]).toEqual([["pause"], []]);
    machine.say({ type: "resume", lane: 0 });
    driver.touch();
    await simulation.advance(1);
    expect([link.calls, told]).toEqual([["pause", "resume"], ["chunk"]]);
  });

  it("ends lane 0 when the machine says so, and goes on reading", async () => {
    const { simulation, machine, driver, told, far } = await driven();
    driver.start();
    machine.say({ type: "end", lane: 0 });
    driver.touch();
    await simulation.advance(5);
    expect(far.ends).toBe(1);
    far.link.send(bytes(1));
    await simulation.advance(5);
    expect(told).toEqual(["chunk"]);
  });

  it("sends nothing before it is started, and what was said before then at once", async () => {
    const { machine, driver, link } = await driven();
    machine.write(bytes(7));
    expect(link.calls).toEqual([]);
    driver.start();
    expect(link.calls).toEqual(["send 7"]);
  });

  it("refuses steps that need a host", async () => {
    const { machine, driver } = await driven();
    driver.start();
    machine.say({ type: "secure", serverName: "x" });
    expect(() => driver.pump()).toThrow("secure");
  });
});
