// Places for clients that wait: in all and for each address, on both sides of each limit, and that none is lost.
import { describe, expect, it } from "#test";
import { Pending } from "./pending.ts";

const limits = { maxPendingSetups: 5, maxPendingSetupsPerAddress: 2 };

describe("places for clients that wait", () => {
  it("are as many as maxPendingSetups, also where no address is known", () => {
    const pending = new Pending(limits);
    const all = [1, 2, 3, 4, 5].map(() => pending.enter(undefined));
    expect([all.every((leave) => leave !== undefined), pending.enter(undefined)]).toEqual([true, undefined]);
    all[0]!();
    expect(pending.enter(undefined)).toBeDefined();
  });

  it("are as many as maxPendingSetupsPerAddress for one address, whatever the port", () => {
    const pending = new Pending(limits);
    const first = pending.enter("10.0.0.1:1")!;
    expect(pending.enter("10.0.0.1:2")).toBeDefined();
    expect(pending.enter("10.0.0.1:3")).toBeUndefined();
    expect(pending.enter("10.0.0.2:1")).toBeDefined();
    first();
    expect(pending.enter("10.0.0.1:4")).toBeDefined();
  });

  it("know addresses of IPv6 and names", () => {
    const pending = new Pending({ ...limits, maxPendingSetupsPerAddress: 1 });
    for (const remote of ["[::1]:7000", "[::2]:7000", "somebody"]) expect(pending.enter(remote)).toBeDefined();
    for (const remote of ["[::1]:7001", "[::2]:7002", "somebody"]) expect(pending.enter(remote)).toBeUndefined();
  });

  it("are given back once, and no address is remembered then", () => {
    const pending = new Pending(limits);
    const leaves = ["a:1", "a:2", "b:1", undefined].map((remote) => pending.enter(remote)!);
    expect([pending.size, pending.addresses]).toEqual([4, 2]);
    for (const leave of [...leaves, ...leaves]) leave();
    expect([pending.size, pending.addresses]).toEqual([0, 0]);
  });
});
