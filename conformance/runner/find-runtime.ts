// Finds the programs of the runtimes the suite runs on, and says how to install a missing one. Never installs anything.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { projectRoot } from "./project.ts";

/** The runtimes that run programs of this suite. */
export type RuntimeName = "node" | "deno" | "bun";

/** A runtime that answered when asked for its version. */
export interface FoundRuntime {
  readonly command: string;
  readonly version: string;
}

/** Why there is none, with the command that installs it. */
export interface MissingRuntime {
  readonly missing: string;
}

/** Every name, in the order reports use. */
export const runtimeNames: readonly RuntimeName[] = ["node", "deno", "bun"];

/** Looks in $HEADRACE_NODE, _DENO or _BUN, then node_modules/.bin, then PATH; Node is the one that runs this program. */
export function findRuntime(name: RuntimeName): FoundRuntime | MissingRuntime {
  const variable = `HEADRACE_${name.toUpperCase()}`;
  const named = process.env[variable];
  if (named !== undefined && named !== "") {
    const missing = `${name}: ${variable} names ${named}, which does not run; correct it, or install with: `;
    return ask(name, named) ?? { missing: missing + installCommand(name) };
  }
  for (const command of candidates(name)) {
    const found = ask(name, command);
    if (found !== undefined) return found;
  }
  return {
    missing: `${name} is missing (looked in $${variable}, node_modules/.bin and PATH); install with: ${
      installCommand(name)
    }`,
  };
}

function candidates(name: RuntimeName): string[] {
  const folders = [join(projectRoot, "node_modules", ".bin"), ...(process.env["PATH"] ?? "").split(delimiter)];
  const commands = folders.filter((folder) => folder !== "").map((folder) => join(folder, name)).filter(existsSync);
  return name === "node" && isNode() ? [process.execPath, ...commands] : commands;
}

function isNode(): boolean {
  return process.versions["bun"] === undefined && process.versions["deno"] === undefined;
}

function ask(name: RuntimeName, command: string): FoundRuntime | undefined {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8", timeout: 20_000 });
  const version = status === 0 ? /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] : undefined;
  // Node answers "v20.20.2", Deno "deno 2.9.6 (…)", Bun "1.4.5"; Bun and Deno may pose as node.
  if (version === undefined || (name === "node") !== stdout.startsWith("v")) return undefined;
  return { command, version };
}

function installCommand(name: RuntimeName): string {
  return name === "node" ? "your system's package manager, Node 20 or newer" : "npm ci";
}
