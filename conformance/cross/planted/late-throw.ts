// Planted for runner.test.ts: every test passes, and a timer throws where nobody catches.
import { it } from "#test";

it("leaves a throwing timer behind", () => {
  setTimeout(() => {
    throw new Error("planted exception");
  }, 1);
});

it("waits for it", () => new Promise<void>((resolve) => setTimeout(resolve, 50)));
