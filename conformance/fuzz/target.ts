// What the fuzzer can be pointed at: how inputs come to be, how one is run, and how a broken law is told.
// It runs nothing by itself.
import type { Input } from "./input.ts";
import type { Random } from "./random.ts";

/** One function, class or machine that takes a peer's bytes. */
export interface Target {
  /** Kebab-case; `--target` names it. */
  readonly name: string;
  /** A line for `--list`. */
  readonly about: string;
  /** "stateless" for one call per input; "stateful" for a whole conversation per input. */
  readonly kind: "stateless" | "stateful";
  /** What it calls, for the inventory: the functions and classes themselves, so that a renamed one cannot be missed. */
  readonly covers: readonly { readonly name: string }[];
  /** Inputs to begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Makes an input from scratch. True when it must be accepted. */
  readonly generate: (input: Input, random: Random) => boolean;
  /**
   * Runs one input: its verdict is "+" and a word when it was accepted, else the name of the fault. The same bytes give
   * the same verdict, always. Anything it throws is a finding.
   */
  readonly run: (bytes: Uint8Array, valid: boolean) => string;
  /** Cuts an input into pieces that can be left out one by one. Absent: bytes are the pieces. */
  readonly pieces?: (bytes: Uint8Array) => readonly Uint8Array[];
}

/** A law does not hold. `law` is a short stable name; what is known about the input is in the message. */
export class Broken extends Error {
  override name = "Broken";
  readonly law: string;
  constructor(law: string, detail: string = "") {
    super(detail === "" ? law : `${law}: ${detail}`);
    this.law = law;
  }
}

/** Breaks unless a law holds. `detail` is only built when it does not. */
export function hold(holds: boolean, law: string, detail?: () => string): void {
  if (!holds) throw new Broken(law, detail?.());
}

/** The name of what went wrong, for reports and for telling findings apart. */
export function lawOf(error: unknown): string {
  if (error instanceof Broken) return error.law;
  return error instanceof Error ? `threw ${error.name}` : "threw no error";
}

/** True for equal bytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** True when `part` is the view of `whole` from `from` to `end`. */
export function isViewOf(part: Uint8Array, whole: Uint8Array, from: number, end: number): boolean {
  if (part.length !== end - from) return false;
  return part.length === 0 || (part.buffer === whole.buffer && part.byteOffset === whole.byteOffset + from);
}
