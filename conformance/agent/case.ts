// What a built-in case is: it talks to one responder as a requester and reports facts. It judges only by its own checks.
import type { RSocketClient } from "../../src/front/rsocket.ts";
import type { Counters } from "./counters.ts";
import type { JsonObject } from "./fields.ts";
import type { IncrementalHash } from "./host.ts";

/** What a case works with. */
export interface CaseContext {
  readonly params: JsonObject;
  /** Fires at the deadline of the run, and when the agent ends. */
  readonly signal: AbortSignal;
  readonly counters: Counters;
  /** Monotonic milliseconds. */
  now(): number;
  /** Says what the case is about to do, for the message of a missed deadline. */
  at(what: string): void;
  /** A fresh connection to the URL of the run; closed after the case if it is still open. */
  connect(): Promise<RSocketClient>;
  /** Bytes that arrived on the connections of this run so far, as the links gave them, with all framing. */
  arrivedBytes(): number;
  /** Called after each arrival. One at a time. */
  onArrival(hear: () => void): void;
  /** A name no other run in any process has. */
  uniqueName(): string;
  sha256(): IncrementalHash;
  /** Tells the orchestrator how many payload bytes were consumed. Not for every item. */
  progress(bytes: number): void;
}

/** A case. What it returns is the `ok` of the answer; what it throws is the `error`. */
export type Case = (cx: CaseContext) => Promise<JsonObject>;

/** One statement about the library under test, as a case found it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail?: string;
}

/** The check that two values are equal as JSON. */
export function same(name: string, actual: unknown, expected: unknown): Check {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  return got === wanted ? { name, ok: true } : { name, ok: false, detail: `got ${got}, expected ${wanted}` };
}

/** The answer of a case made of checks. */
export function checked(checks: readonly Check[], facts: JsonObject = {}): JsonObject {
  return { ...facts, passed: checks.filter((check) => check.ok).length, failed: checks.filter((check) => !check.ok) };
}
