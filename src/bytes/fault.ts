/**
 * What a decoder answers when bytes mean nothing: a value, never a throw.
 *
 * @module
 */

/** Why bytes could not be decoded, and where. */
export interface Fault {
  /** A short stable name: "truncated", "metadata-length", "unknown-type", … */
  readonly fault: string;
  /** The offset of the byte that could not be read or used. */
  readonly at: number;
}

/** Tells a fault from a decoded value. */
export function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && "fault" in value;
}
