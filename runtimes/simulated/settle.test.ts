// settle: every chain of promises has run out, however long, and no virtual or real time was needed.
import { describe, expect, it } from "#test";
import { settle } from "./settle.ts";

/** A promise for each hop, as an await makes one. */
async function walk(hops: number, each: (hop: number) => void): Promise<void> {
  for (let hop = 0; hop < hops; hop++) {
    each(hop);
    await Promise.resolve();
  }
}

describe("settle()", () => {
  it("waits for chains of promises of any length", async () => {
    let hops = 0;
    const walked = walk(20_000, () => hops++);
    await settle();
    expect(hops).toBe(20_000);
    await walked;
  });

  it("waits every time, from wherever it is called", async () => {
    for (let round = 0; round < 500; round++) {
      const most = 1 + ((round * 7919) % 997);
      let hops = 0;
      const walked = walk(most, () => hops++);
      if (round % 3 === 0) await Promise.resolve();
      await settle();
      expect(hops).toBe(most);
      await walked;
    }
  });

  it("waits for generators and for the host's own streams", async () => {
    const seen: number[] = [];
    const read = async () => {
      let next = 0;
      const stream = new ReadableStream<number>({
        pull: (controller) => (next < 500 ? controller.enqueue(next++) : controller.close()),
      });
      for await (const value of stream) seen.push(value);
    };
    const done = read();
    await settle();
    expect(seen).toHaveLength(500);
    await done;
  });

  it("keeps two chains in step with each other", async () => {
    const order: string[] = [];
    const both = Promise.all(["a", "b"].map((name) => walk(3, (hop) => order.push(`${name}${hop}`))));
    await settle();
    expect(order).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
    await both;
  });
});
