// Reads the members of a JSON object by name and by kind. What is missing, of another kind, or not asked for is a
// UsageError ("bad-argument") that names it; ranges are the encoders' matter.
import { UsageError } from "../contract/errors.ts";
import { exactInteger } from "./exact-json.ts";
import { parseHexText } from "./hex-line.ts";

/** One object's members. Every method takes a name; `end` refuses what no method was asked for. */
export class FieldReader {
  readonly #what: string;
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #asked = new Set<string>();

  /** `what` names the object in messages, such as "fields". null counts as absent. */
  constructor(what: string, value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new UsageError("bad-argument", `${what} must be an object`);
    }
    this.#what = what;
    this.#fields = new Map(Object.entries(value).filter(([, one]) => one !== null));
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  number(name: string): number {
    const value = this.#get(name);
    return typeof value === "number" ? value : this.#refuse(name, "a number");
  }

  text(name: string): string {
    const value = this.#get(name);
    return typeof value === "string" ? value : this.#refuse(name, "a string");
  }

  /** Absent is false. */
  flag(name: string): boolean {
    const value = this.#get(name) ?? false;
    return typeof value === "boolean" ? value : this.#refuse(name, "true or false");
  }

  /** Hexadecimal digits, two for each byte. */
  bytes(name: string): Uint8Array {
    return parseHexText(`${this.#what}.${name}`, this.text(name));
  }

  list(name: string): readonly unknown[] {
    const value = this.#get(name);
    return Array.isArray(value) ? value : this.#refuse(name, "a list");
  }

  /** Whatever it is; undefined when it is absent. */
  any(name: string): unknown {
    return this.#get(name);
  }

  /** Another object, for a FieldReader of its own. */
  object(name: string): object {
    const value = this.#get(name);
    return typeof value === "object" && !Array.isArray(value) ? value! : this.#refuse(name, "an object");
  }

  /** A 63-bit position: the digits in `<name>_str` where they are given, else the integer, which must be exact. */
  position(name: string): bigint {
    const plain = this.#get(name);
    if (!this.has(`${name}_str`)) {
      return exactInteger(plain) ?? this.#refuse(name, `an exact integer; give its digits in ${name}_str`);
    }
    const digits = this.text(`${name}_str`);
    return /^\d{1,20}$/.test(digits) ? BigInt(digits) : this.#refuse(`${name}_str`, "1 to 20 decimal digits");
  }

  /** Ends the reading. Throws when the object has members that were not asked for. */
  end(): void {
    const unknown = [...this.#fields.keys()].find((name) => !this.#asked.has(name));
    if (unknown === undefined) return;
    const known = [...this.#asked].join(", ");
    const shown = JSON.stringify(unknown.slice(0, 60));
    throw new UsageError("bad-argument", `${this.#what} has an unknown member ${shown}; the known ones are ${known}`);
  }

  #get(name: string): unknown {
    this.#asked.add(name);
    return this.#fields.get(name);
  }

  #refuse(name: string, kind: string): never {
    const state = this.has(name) ? `must be ${kind}` : `is missing; it must be ${kind}`;
    throw new UsageError("bad-argument", `${this.#what}.${name} ${state}`);
  }
}
