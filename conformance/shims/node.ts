// "#test" on Node: vitest's functions, narrowed to what all three runtimes have. Never adds behaviour of its own.
import { describe as vitestDescribe, expect as vitestExpect, it as vitestIt } from "vitest";
import { type Describe, type Expect, type It, skippedName, type TestBody } from "./contract.ts";

export const describe: Describe = (name, body) => {
  vitestDescribe(name, body);
};

export const it: It = Object.assign(
  (name: string, body: TestBody, timeoutMs?: number) => vitestIt(name, () => body(), timeoutMs),
  {
    skipBecause: (reason: string, name: string, body: TestBody) =>
      vitestIt.skip(skippedName(name, reason), () => body()),
  },
);

export const expect: Expect = vitestExpect;
