// The virtual clock: order, cancelling, and that only the test moves it.
import { describe, expect, it } from "#test";
import { VirtualClock } from "./clock.ts";
import { Random } from "./random.ts";

describe("VirtualClock", () => {
  it("runs wakes by time, and equal times in the order in which they were asked for", () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    for (const [at, name] of [[20, "c"], [10, "a"], [20, "d"], [10, "b"]] as const) {
      clock.wake(at, () => ran.push(`${name}@${clock.now()}`));
    }
    clock.runUntil(100);
    expect(ran).toEqual(["a@10", "b@10", "c@20", "d@20"]);
    expect(clock.now()).toBe(100);
  });

  it("sorts many wakes with many cancelled as a sorted list would", () => {
    const clock = new VirtualClock();
    const random = new Random(7);
    const expected: { at: number; order: number }[] = [];
    const ran: number[] = [];
    for (let order = 0; order < 2000; order++) {
      const at = random.below(200);
      const cancel = clock.wake(at, () => ran.push(order));
      if (random.chance(0.6)) cancel();
      else expected.push({ at, order });
    }
    expect(clock.pending).toBe(expected.length);
    expected.sort((a, b) => a.at - b.at || a.order - b.order);
    clock.advance(200);
    expect(ran).toEqual(expected.map((wake) => wake.order));
    expect(clock.pending).toBe(0);
  });

  it("runs a wake that a wake asks for, in the same run when it is due", () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    clock.wake(5, () => clock.wake(clock.now() + 5, () => ran.push(clock.now())));
    clock.wake(5, () => clock.wake(0, () => ran.push(clock.now())));
    clock.advance(10);
    expect(ran).toEqual([5, 10]);
  });

  it("steps to the next wake and says when there is none", () => {
    const clock = new VirtualClock(1000);
    clock.wake(1040, () => {});
    expect(clock.next).toBe(1040);
    expect(clock.step()).toBe(true);
    expect(clock.now()).toBe(1040);
    expect(clock.step()).toBe(false);
    expect(clock.next).toBe(Infinity);
  });

  it("cancels once, and knows no wake at Infinity", () => {
    const clock = new VirtualClock();
    const cancel = clock.wake(1, () => {
      throw new Error("was cancelled");
    });
    clock.wake(Infinity, () => {});
    cancel();
    cancel();
    expect(clock.pending).toBe(0);
    clock.advance(10);
    expect(() => clock.wake(Number.NaN, () => {})).toThrow("not a number");
  });

  it("is not moved from inside a wake, and goes on after a wake that threw", () => {
    const clock = new VirtualClock();
    clock.wake(1, () => clock.advance(5));
    let ran = 0;
    clock.wake(1, () => ran++);
    expect(() => clock.advance(1)).toThrow("only the test moves the clock");
    clock.advance(1);
    expect(ran).toBe(1);
  });

  it("never goes back", () => {
    const clock = new VirtualClock(50);
    clock.runUntil(10);
    expect(clock.now()).toBe(50);
    clock.wake(60, () => {});
    expect(() => clock.moveTo(70)).toThrow("a wake is due at 60");
  });
});
