// "#test" on Bun: bun:test's functions, narrowed to what all three runtimes have. Never adds behaviour of its own.
import { describe as bunDescribe, expect as bunExpect, it as bunIt } from "bun:test";
import { DEFAULT_TIMEOUT_MS, type Describe, type Expect, type It, skippedName, type TestBody } from "./contract.ts";

export const describe: Describe = (name, body) => bunDescribe(name, body);

export const it: It = Object.assign(
  (name: string, body: TestBody, timeoutMs: number = DEFAULT_TIMEOUT_MS) => bunIt(name, () => body(), timeoutMs),
  {
    skipBecause: (reason: string, name: string, body: TestBody) => bunIt.skip(skippedName(name, reason), () => body()),
  },
);

export const expect: Expect = bunExpect;
