// Pacing: wakes and promises take turns, and only virtual time passes.
import { describe, expect, it } from "#test";
import { VirtualClock } from "./clock.ts";
import { advance, complete, runUntilIdle } from "./pace.ts";

function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.wake(clock.now() + ms, resolve));
}

describe("pace", () => {
  it("lets promises run out between two wakes of one moment", async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    const walk = async (name: string) => {
      await sleep(clock, 5);
      for (let hop = 0; hop < 50; hop++) await Promise.resolve();
      order.push(name);
    };
    const both = [walk("a"), walk("b")];
    clock.wake(5, () => order.push("c"));
    await advance(clock, 5);
    expect(order).toEqual(["a", "b", "c"]);
    await Promise.all(both);
  });

  it("passes an hour of virtual time at once, and ends where it was told", async () => {
    const clock = new VirtualClock();
    let woke = 0;
    const tick = () => {
      woke += 1;
      clock.wake(clock.now() + 60_000, tick);
    };
    tick();
    await advance(clock, 3_600_000);
    expect(clock.now()).toBe(3_600_000);
    expect(woke).toBe(61);
    expect(await runUntilIdle(clock, 120_000)).toBe(false);
    expect(woke).toBe(63);
  });

  it("says when nothing is left, and stays at the last wake", async () => {
    const clock = new VirtualClock();
    const slept = sleep(clock, 30).then(() => sleep(clock, 12));
    expect(await runUntilIdle(clock, 1000)).toBe(true);
    expect(clock.now()).toBe(42);
    await slept;
  });

  it("runs once at a time, also after a wake that threw", async () => {
    const clock = new VirtualClock();
    const first = advance(clock, 10);
    await expect(runUntilIdle(clock, 10)).rejects.toThrow("another run is under way");
    await first;
    clock.wake(11, () => {
      throw new Error("a sink failed");
    });
    await expect(advance(clock, 10)).rejects.toThrow("a sink failed");
    await advance(clock, 10);
    expect(clock.now()).toBe(21);
  });

  it("completes a promise, with its value or its error", async () => {
    const clock = new VirtualClock();
    expect(await complete(clock, sleep(clock, 10).then(() => "value"), 1000)).toBe("value");
    expect(clock.now()).toBe(10);
    const failed = sleep(clock, 10).then(() => {
      throw new Error("failed");
    });
    await expect(complete(clock, failed, 1000)).rejects.toThrow("failed");
    await expect(complete(clock, new Promise(() => {}), 1000)).rejects.toThrow("nothing is left to wait for");
    await expect(complete(clock, sleep(clock, 90), 50)).rejects.toThrow("1 wakes are left");
  });
});
