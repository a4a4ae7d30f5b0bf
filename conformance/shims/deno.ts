// "#test" on Deno: a flat describe and it over Deno.test, where each `it` is exactly one Deno test named by its path.
// Never nests steps: Deno would count a describe as one test, and the three runtimes would no longer count alike.
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";
import { config, expect as chaiExpect, use } from "chai";
import { DEFAULT_TIMEOUT_MS, type Describe, type Expect, type It, skippedName, type TestBody } from "./contract.ts";

interface DenoTest {
  readonly name: string;
  readonly fn: TestBody;
  readonly ignore: boolean;
  readonly sanitizeOps: boolean;
  readonly sanitizeResources: boolean;
}
declare const Deno: { test(test: DenoTest): void };

const path: string[] = [];

config.truncateThreshold = 0;
use(JestExtend);
use(JestChaiExpect);
use(JestAsymmetricMatchers);

export const describe: Describe = (name, body) => {
  path.push(name);
  try {
    body();
  } finally {
    path.pop();
  }
};

export const it: It = Object.assign(
  (name: string, body: TestBody, timeoutMs: number = DEFAULT_TIMEOUT_MS) => register(name, body, timeoutMs, false),
  {
    skipBecause: (reason: string, name: string, body: TestBody) =>
      register(skippedName(name, reason), body, DEFAULT_TIMEOUT_MS, true),
  },
);

export const expect: Expect = chaiExpect as unknown as Expect;

/** The sanitizers are off: they would fail tests here that the other two runtimes cannot judge. */
function register(name: string, body: TestBody, timeoutMs: number, ignore: boolean): void {
  const fn = () => within(timeoutMs, body);
  Deno.test({ name: [...path, name].join(" > "), fn, ignore, sanitizeOps: false, sanitizeResources: false });
}

async function within(timeoutMs: number, body: TestBody): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`test timed out after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([body(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
