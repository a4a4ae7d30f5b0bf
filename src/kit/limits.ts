/**
 * The limits of a connection from what a user gives: the rest by default, and nothing that cannot be. Pure.
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../contract/limits.ts";

/** The lowest of `minLifetimeMs`: under it a busy event loop looks like a lost peer. */
const LEAST_LIFETIME_MS = 100;
/** Peers that fragment at 64 bytes put 32 bytes or more into each, so this allows all of them. */
const LEAST_FRAGMENT_BYTES = 32;
const LEAST_FRAGMENTS = 16;

/** All limits. Throws UsageError ("bad-argument") for a name that is none and a value that is no limit. */
export function limitsOf(given: Partial<Limits> | undefined): Limits {
  if (given === undefined) return DEFAULT_LIMITS;
  const known = new Map<string, number>(Object.entries(DEFAULT_LIMITS));
  for (const [name, value] of Object.entries<number | undefined>(given)) {
    if (!known.has(name)) throw new UsageError("bad-argument", `Cannot use the limit ${name}: there is none`);
    if (value !== undefined) known.set(name, checked(name, value));
  }
  if (given.maxPayloadBytes !== undefined && given.maxFragmentsPerPayload === undefined) {
    const count = Math.ceil(given.maxPayloadBytes / LEAST_FRAGMENT_BYTES);
    known.set("maxFragmentsPerPayload", Math.max(count, LEAST_FRAGMENTS));
  }
  return Object.fromEntries(known) as unknown as Limits; // the names of DEFAULT_LIMITS, all numbers
}

function checked(name: string, value: number): number {
  const least = name === "minLifetimeMs" ? LEAST_LIFETIME_MS : name === "sendHighWaterBytes" ? 1 : 0;
  if ((Number.isInteger(value) || value === Infinity) && value >= least) return value;
  const range = `an integer of ${least} or more, or Infinity`;
  throw new UsageError("bad-argument", `Cannot use the limit ${name} of ${String(value)}: it must be ${range}`);
}
