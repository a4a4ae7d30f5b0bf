// The part of a test runner that Node, Deno and Bun have in common: what "#test" means. Types and one naming rule only.

/** A test body. It takes no context: what differs between the runners stays out of the tests. */
export type TestBody = () => void | Promise<void>;

/** How long a test may take where it says nothing else. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** Declares one test. */
export interface It {
  /** The test fails after `timeoutMs`, 30 s by default: a bound against hanging, which says nothing about speed. */
  (name: string, body: TestBody, timeoutMs?: number): void;
  /** The one way to leave a test out: it counts as skipped everywhere, and its reason is printed. */
  skipBecause(reason: string, name: string, body: TestBody): void;
}

/** Groups tests. The body runs at once and is not asynchronous. */
export type Describe = (name: string, body: () => void) => void;

/** What can be said about a value. R is void, or a promise after `resolves` and `rejects`. */
export interface Matchers<R> {
  readonly not: Matchers<R>;
  toBe(expected: unknown): R;
  toEqual(expected: unknown): R;
  toStrictEqual(expected: unknown): R;
  toBeTruthy(): R;
  toBeFalsy(): R;
  toBeNull(): R;
  toBeUndefined(): R;
  toBeDefined(): R;
  toBeNaN(): R;
  toBeTypeOf(expected: "bigint" | "boolean" | "function" | "number" | "object" | "string" | "symbol" | "undefined"): R;
  toBeInstanceOf(expected: abstract new (...args: never[]) => unknown): R;
  toBeGreaterThan(expected: number | bigint): R;
  toBeGreaterThanOrEqual(expected: number | bigint): R;
  toBeLessThan(expected: number | bigint): R;
  toBeLessThanOrEqual(expected: number | bigint): R;
  toBeCloseTo(expected: number, digits?: number): R;
  toContain(expected: unknown): R;
  toContainEqual(expected: unknown): R;
  toHaveLength(expected: number): R;
  toHaveProperty(path: string | readonly (string | number)[], value?: unknown): R;
  toMatch(expected: string | RegExp): R;
  toMatchObject(expected: object): R;
  toThrow(expected?: string | RegExp | Error | (abstract new (...args: never[]) => unknown)): R;
}

/** `expect(value)` and the asymmetric matchers that all three have. */
export interface Expect {
  (actual: unknown, message?: string): Matchers<void> & {
    readonly resolves: Matchers<Promise<void>>;
    readonly rejects: Matchers<Promise<void>>;
  };
  any(constructor: abstract new (...args: never[]) => unknown): unknown;
  anything(): unknown;
  arrayContaining(expected: readonly unknown[]): unknown;
  objectContaining(expected: object): unknown;
  stringContaining(expected: string): unknown;
  stringMatching(expected: string | RegExp): unknown;
}

const mark = " (skipped: ";

/** The name of a skipped test, which carries the reason through every runner's report. */
export function skippedName(name: string, reason: string): string {
  return `${name}${mark}${reason})`;
}

/** The reason in the name of a skipped test; undefined where somebody skipped without one. */
export function skipReason(name: string): string | undefined {
  const at = name.lastIndexOf(mark);
  return at >= 0 && name.endsWith(")") ? name.slice(at + mark.length, -1) : undefined;
}
