// The command line of the fuzzer: what was asked for, or one sentence on what is wrong with it. It starts nothing.
import { parseArgs } from "node:util";

/** A run as it was asked for. */
export interface Options {
  readonly action: "fuzz" | "help" | "list" | "replay" | "sabotage" | "scaling" | "retention";
  /** For all targets together. */
  readonly seconds: number;
  readonly seed: number;
  /** Only this one. */
  readonly target?: string;
  /** At most so many inputs for each target. */
  readonly inputs?: number;
  /** Where the results go as JSON. */
  readonly json?: string;
  /** Hexadecimal, or the path of a stored finding. */
  readonly replay?: string;
}

/** The command line cannot be used. Its message is for the user. */
export class OptionsError extends Error {
  override name = "OptionsError";
}

/** What --help prints. */
export const helpText = `Feeds what a peer could send to everything that takes a peer's bytes, and holds it to its laws.

Usage: npm run fuzz -- [options]

  --seconds N      how long, all targets together (30)
  --target NAME    only this target; --list names them
  --inputs N       at most so many inputs for each target
  --seed S         32 bits; the same seed makes the same inputs (by default another one each time, which is printed)
  --replay INPUT   runs one input of --target: hexadecimal, or the path of a stored finding, which names its target
  --list           names the targets
  --sabotage       proves that planted bugs are found, each within 10 s
  --scaling        times every parser on inputs of 1 to 16 MiB
  --retention      measures what machines keep of what they received, then searches for worse for --seconds
  --json FILE      writes the results as JSON
  --help           prints this

A failing input is made smaller, printed with its replay command, and stored in conformance/fuzz/corpus.
Exit status: 0 when every law held, 1 when one was broken, 2 when the command line cannot be used.
`;

const known = {
  help: { type: "boolean", short: "h" },
  inputs: { type: "string" },
  json: { type: "string" },
  list: { type: "boolean" },
  replay: { type: "string" },
  retention: { type: "boolean" },
  sabotage: { type: "boolean" },
  scaling: { type: "boolean" },
  seconds: { type: "string" },
  seed: { type: "string" },
  target: { type: "string" },
} as const;

/** Reads the arguments. `freshSeed` is taken when none is given. Throws an OptionsError. */
export function readOptions(args: readonly string[], freshSeed: number): Options {
  const values = parse(args);
  const { inputs, json, replay, target } = values;
  const seconds = numberOf("--seconds", values.seconds) ?? 30;
  const count = numberOf("--inputs", inputs);
  const named = (["help", "list", "sabotage", "scaling", "retention"] as const).filter((name) => values[name] === true);
  if (named.length + (replay === undefined ? 0 : 1) > 1) {
    throw new OptionsError("--" + named.join(" and --") + " do not go together");
  }
  return {
    action: named[0] ?? (replay === undefined ? "fuzz" : "replay"),
    seconds,
    seed: (numberOf("--seed", values.seed) ?? freshSeed) >>> 0,
    ...(target === undefined ? {} : { target }),
    ...(count === undefined ? {} : { inputs: count }),
    ...(json === undefined ? {} : { json }),
    ...(replay === undefined ? {} : { replay }),
  };
}

type Values = { readonly [N in keyof typeof known]?: (typeof known)[N]["type"] extends "boolean" ? boolean : string };

function parse(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: false }).values;
  } catch (error) {
    // The rest of the message is advice on Node's own conventions.
    throw new OptionsError((error as Error).message.split(". ")[0] ?? "");
  }
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new OptionsError(`${name} takes a number of 0 or more, not ${JSON.stringify(text)}`);
  }
  return value;
}
