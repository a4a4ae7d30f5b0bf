// The part of Bun's own test module that the Bun shim uses, so that no @types package is needed.
declare module "bun:test" {
  import type { Expect, TestBody } from "./contract.ts";

  export function describe(name: string, body: () => void): void;
  export const it: {
    (name: string, body: TestBody, timeoutMs?: number): void;
    skip(name: string, body: TestBody): void;
  };
  export const expect: Expect;
}
