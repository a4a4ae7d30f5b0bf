// A driver whose link does not take what it is given, in virtual time: who is told, and when.
import { describe, expect, it } from "#test";
import { type PlainEvent, PlainMachine } from "../../conformance/seeds/plain-machine.ts";
import type { Link, LinkSink } from "../contract/link.ts";
import { createSimulation } from "../../runtimes/simulated/mod.ts";
import { Driver } from "./driver.ts";
import type { SendLimits } from "./pressure.ts";

/** A link that takes nothing until it is told to. `says`: what `send` answers. */
class HeldLink implements Link {
  readonly kind = "bytes";
  readonly info = { scheme: "held", secure: false };
  buffered = 0;
  says = true;
  sink: LinkSink | undefined;
  start(sink: LinkSink): void {
    this.sink = sink;
  }
  send(owned: Uint8Array): boolean {
    this.buffered += owned.length;
    return this.says;
  }
  pause(): void {}
  resume(): void {}
  end(): void {}
  abort(): void {}
}

function held(limits: Partial<SendLimits> = {}) {
  const { runtime, clock, advance, settle } = createSimulation(1);
  const machine = new PlainMachine(runtime.slabs);
  const link = new HeldLink();
  const told: string[] = [];
  const owner = {
    event() {},
    closedBy() {},
    writable: () => void told.push(`writable at ${clock.now()}`),
    full: () => void told.push(`full at ${clock.now()}`),
    slow: () => void told.push(`slow at ${clock.now()}`),
  };
  const all = { sendHighWaterBytes: 100, maxSendBytes: 1_000, writeStallMs: 10_000, ...limits };
  const driver: Driver<PlainEvent> = new Driver(machine, link, clock, owner, undefined, all);
  driver.start();
  const give = async (length: number) => {
    machine.write(new Uint8Array(length));
    driver.touch();
    await settle();
  };
  return { driver, link, told, give, advance, clock };
}

describe("a link over sendHighWaterBytes that would take more", () => {
  it("makes producers wait at the mark and not below, and is looked at until it is under it", async () => {
    const { driver, link, told, give, advance, clock } = held();
    await give(99);
    expect([driver.isWritable, told]).toEqual([true, []]);
    await give(1);
    expect([driver.isWritable, told]).toEqual([false, ["full at 0"]]);
    await advance(7);
    link.buffered = 99;
    await advance(7);
    expect([driver.isWritable, told]).toEqual([true, ["full at 0", "writable at 10"]]);
    expect(clock.pending).toBe(0);
  });

  it("is looked at also after a drain that was not enough", async () => {
    const { link, told, give, advance } = held();
    link.says = false;
    await give(500);
    link.buffered = 200;
    link.sink?.drain();
    expect(told).toEqual(["full at 0"]);
    link.buffered = 50;
    await advance(5);
    expect(told).toEqual(["full at 0", "writable at 5"]);
  });
});

describe("a link over maxSendBytes", () => {
  it("is told of once, at one byte too many", async () => {
    const { driver, told, give } = held();
    await give(600); // below the size at which a payload is given by itself
    await give(400);
    expect([told, driver.isOver]).toEqual([["full at 0"], false]);
    await give(1);
    expect([told, driver.isOver]).toEqual([["full at 0", "slow at 0"], true]);
    await give(500);
    expect(told).toHaveLength(2);
  });
});

describe("a link that takes nothing", () => {
  for (const says of [true, false]) {
    it(`for writeStallMs is told of then, not before (send says ${says})`, async () => {
      const { link, told, give, advance, clock } = held();
      link.says = says;
      await advance(3);
      await give(100);
      await advance(9_999);
      expect(told).toEqual(["full at 3"]);
      await advance(1);
      expect(told).toEqual(["full at 3", "slow at 10003"]);
      await advance(100_000);
      expect([told.length, clock.pending]).toEqual([2, 0]);
    });
  }

  it("is no trouble while a byte leaves now and then", async () => {
    const { link, told, give, advance } = held();
    link.says = false;
    await give(900);
    for (let n = 0; n < 20; n++) {
      await advance(9_000);
      link.buffered--;
    }
    expect(told).toEqual(["full at 0"]);
    await advance(11_000);
    expect(told).toHaveLength(2);
  });
});
