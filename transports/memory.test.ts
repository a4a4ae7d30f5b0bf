// What is special about the memory transport: its names. What it owes as a link is in the link scenarios.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import type { Link, Session } from "../src/contract/link.ts";
import { createMemory } from "./memory.ts";

describe("the memory transport", () => {
  it("keeps its names to itself", async () => {
    const [one, two] = [createMemory(), createMemory()];
    const url = new URL("memory://Name");
    await one.listen?.(runtime, url, {}, () => {});
    await two.listen?.(runtime, url, {}, () => {});
    await expect(createMemory().dial(runtime, url, {})).rejects.toThrow("nobody listens there");
  });

  it("accepts later, and lends the sender's memory instead of copying it", async () => {
    const memory = createMemory(4);
    let far: Link | Session | undefined;
    const listener = await memory.listen?.(runtime, new URL("memory://a"), {}, (link) => far = link);
    expect(listener?.url).toBe("memory://a");
    const near = await memory.dial(runtime, new URL("memory://a"), {}) as Link;
    await Promise.resolve();
    expect(near.info).toEqual({ scheme: "memory", secure: false, remote: "a" });
    expect((far as Link).info).toEqual({ scheme: "memory", secure: false, local: "a" });
    const sent = new Uint8Array([1, 2, 3, 4]);
    expect(near.send(sent)).toBe(false);
    expect(near.buffered).toBe(4);
    const got = await new Promise<Uint8Array>((resolve) =>
      (far as Link).start({ chunk: resolve, drain() {}, end() {}, closed() {} })
    );
    expect(got).toBe(sent);
    expect(near.buffered).toBe(0);
  });

  it("refuses what a URL should not say", async () => {
    const memory = createMemory();
    for (const url of ["memory://", "memory:///a", "memory://a/b", "memory://a?b", "memory://a#b"]) {
      await expect(memory.dial(runtime, new URL(url), {})).rejects.toMatchObject({ code: "bad-argument" });
    }
  });
});
