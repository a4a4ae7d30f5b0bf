// The command line of the main job: what was asked for, or one sentence on what is wrong with it. It starts nothing.
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "./runner/project.ts";

/** A run as it was asked for. */
export interface Options {
  /** The file that is served, absolute. */
  readonly path: string;
  readonly bytes: number;
  /** Where the results go as JSON. */
  readonly json?: string;
  /** Something the user should know about the choice of the file. */
  readonly note?: string;
}

/** The command line cannot be used. Its message is for the user. */
export class OptionsError extends Error {
  override name = "OptionsError";
}

/** What --help prints. */
export const helpText = `Fetches a file between every two runtimes over every transport, and checks what arrives.

Usage: npm start -- [options] [FILE]

  FILE          the file to serve; by default a program of about 25 MB that npm installed
  --json FILE   writes the results as JSON: client, server, transport, verdict, bytes, seconds, sha256ok, reason
  --help        prints this

Exit status: 0 when every cell passed, 1 when one failed, 2 when the command line cannot be used.
`;

/** Reads the arguments; "help" when that was asked for. Throws an OptionsError. */
export function readOptions(args: readonly string[]): Options | "help" {
  const { values, positionals } = parse(args);
  if (values.help === true) return "help";
  if (positionals.length > 1) {
    throw new OptionsError(`one FILE at most, not ${positionals.length}: ${positionals.join(" ")}`);
  }
  const [given] = positionals;
  const chosen = given === undefined ? defaultFile() : { path: resolve(given) };
  const bytes = sizeOf(chosen.path, given ?? chosen.path);
  return { ...chosen, bytes, ...(values.json === undefined ? {} : { json: values.json }) };
}

function parse(args: readonly string[]): { values: { help?: boolean; json?: string }; positionals: string[] } {
  try {
    const options = { help: { type: "boolean", short: "h" }, json: { type: "string" } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // The rest of the message is advice on Node's own conventions.
    throw new OptionsError((error as Error).message.split(". ")[0] ?? "");
  }
}

function sizeOf(path: string, shown: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new OptionsError(`${shown} does not exist`);
  if (found.isDirectory()) throw new OptionsError(`${shown} is a directory; name a file`);
  if (!found.isFile()) throw new OptionsError(`${shown} is not a regular file`);
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new OptionsError(`${shown} may not be read`);
  }
  return found.size;
}

/** The TypeScript compiler is a program of a good size that every install of this project has. */
function defaultFile(): { readonly path: string; readonly note?: string } {
  const scope = join(projectRoot, "node_modules", "@typescript");
  const packages = names(scope).filter((name) => name.startsWith("typescript-"));
  const files = packages.flatMap((name) =>
    names(join(scope, name, "lib")).map((file) => join(scope, name, "lib", file))
  );
  const programs = files.filter((path) => statSync(path).isFile());
  const [largest] = programs.toSorted((a, b) => statSync(b).size - statSync(a).size);
  if (largest !== undefined && statSync(largest).size > 10_000_000) return { path: largest };
  const path = process.execPath;
  return { path, note: `the TypeScript compiler is not installed (npm ci brings it), so ${basename(path)} is served` };
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
