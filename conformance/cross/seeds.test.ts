// The seeded scenario on every runtime: fifty seeds, each in a process of its own runtime, and one list of digests.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { findRuntime, type RuntimeName, runtimeNames } from "../runner/find-runtime.ts";
import { projectRoot } from "../runner/project.ts";

const seeds = ["1", "50"] as const;
const limitMs = 100_000;

/** Node runs what was compiled, Deno and Bun the sources. */
function argumentsFor(name: RuntimeName): string[] {
  const compiled = join(projectRoot, "dist", "conformance", "seeds", "main.js");
  const source = join(projectRoot, "conformance", "seeds", "main.ts");
  if (name === "node" && !existsSync(compiled)) throw new Error("dist is missing; build it with: npm run build");
  if (name === "node") return [compiled];
  return name === "deno"
    ? ["run", "--allow-all", "--no-check", "--quiet", source]
    : ["--conditions=headrace-source", source];
}

/** The lines that a runtime prints for these arguments. */
function run(name: RuntimeName, args: readonly string[]): Promise<string[]> {
  const runtime = findRuntime(name);
  if ("missing" in runtime) throw new Error(runtime.missing);
  const child = spawn(runtime.command, [...argumentsFor(name), ...args], { cwd: projectRoot, timeout: limitMs });
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0) reject(new Error(`${name} ended with ${code}:\n${stderr.join("")}`));
      else resolve(stdout.join("").trimEnd().split("\n"));
    });
  });
}

/** Where two runtimes part, in words: the seed, and the first lines of its trace that differ. */
async function difference(first: RuntimeName, second: RuntimeName, lists: [string[], string[]]): Promise<string> {
  const at = lists[0].findIndex((line, index) => line !== lists[1][index]);
  const { seed } = JSON.parse(lists[0][at] ?? "") as { seed: number };
  const [one, two] = [await run(first, ["trace", String(seed)]), await run(second, ["trace", String(seed)])];
  const from = one.findIndex((line, index) => line !== two[index]);
  const part = (lines: readonly string[]) => lines.slice(from, from + 5).join("\n");
  const before = one.slice(Math.max(0, from - 5), from).join("\n");
  return `seed ${seed}, after\n${before}\n${first}:\n${part(one)}\n${second}:\n${part(two)}`;
}

describe("fifty seeds", () => {
  it("give the same digests on Node, Deno and Bun", async () => {
    const lists = new Map<RuntimeName, string[]>();
    for (const name of runtimeNames) lists.set(name, await run(name, seeds));
    const node = lists.get("node") ?? [];
    expect(node).toHaveLength(50);
    expect(new Set(node).size).toBe(50);
    for (const [name, list] of lists) {
      if (list.join("\n") !== node.join("\n")) throw new Error(await difference("node", name, [node, list]));
    }
  });
});
