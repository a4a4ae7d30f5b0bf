// Planted for runner.test.ts: every test passes, and a rejection that nobody handles is left behind.
import { expect, it } from "#test";

it("leaves a rejection behind", () => {
  void Promise.reject(new Error("planted rejection"));
  expect(1).toBe(1);
});

it("waits for it", () => new Promise<void>((resolve) => setTimeout(resolve, 50)));
