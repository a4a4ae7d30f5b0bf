// The main job as its users meet it: its exit status, its messages, its results, and that an interruption ends it all.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { projectRoot } from "../runner/project.ts";

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs it; `onOutput` may end it early. */
function run(args: readonly string[], env = {}, onOutput?: (output: string, pid: number) => void): Promise<Ended> {
  const program = join(projectRoot, "dist", "conformance", "main.js");
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env }, timeout: 60_000 });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
    onOutput?.(output, child.pid ?? 0);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "headrace-main-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("npm start", () => {
  for (
    const [args, message] of [
      [["/no/such/file"], "/no/such/file does not exist"],
      [[projectRoot], "is a directory"],
      [["--dance"], "Unknown option '--dance'"],
      [["one", "two"], "one FILE at most"],
    ] as const
  ) {
    it(`refuses ${args.join(" ").replace(projectRoot, "a directory")} with one message`, async () => {
      const { code, output } = await run(args);
      expect(code).toBe(2);
      expect(output).toContain(message);
      expect(output.trim().split("\n")).toHaveLength(1);
    });
  }

  it("fetches a file of any size in every cell and writes the results", () =>
    withFolder(async (folder) => {
      const [file, json] = [join(folder, "served file"), join(folder, "results.json")];
      await writeFile(file, new Uint8Array(200_000).fill(7));
      const { code, output } = await run(["--json", json, file]);
      expect(output).toContain("36 of 36 cells passed");
      expect(code).toBe(0);
      const results = JSON.parse(await readFile(json, "utf8")) as readonly unknown[];
      expect(results).toHaveLength(36);
      for (const result of results) {
        expect(result).toMatchObject({ verdict: "pass", bytes: 200_000, sha256ok: true });
      }
      for (const transport of ["tcp", "tls", "ws", "wss"]) {
        const cells = results.filter((result) => (result as { readonly transport: string }).transport === transport);
        expect(cells).toHaveLength(9);
      }
    }));

  it("fails the cells of a missing runtime, with the reason", () =>
    withFolder(async (folder) => {
      const file = join(folder, "empty");
      await writeFile(file, "");
      const { code, output } = await run([file], { HEADRACE_BUN: join(folder, "no-bun") });
      expect(output).toContain("16 of 36 cells passed");
      expect(output).toMatch(/failed: bun <- node over tcp: .*npm ci/);
      expect(code).toBe(1);
    }));

  it("ends with all its agents at an interruption", () =>
    withFolder(async (folder) => {
      const file = join(folder, "large");
      await writeFile(file, new Uint8Array(200_000_000));
      const { code, output } = await run([file], {}, (said, pid) => {
        if (said.endsWith("MB/s\n") && !said.includes("stopped")) process.kill(pid, "SIGINT");
      });
      // Its pipes are inherited by nobody, yet it waits for every agent before it says so.
      expect(output.trim().split("\n").at(-1)).toBe("stopped");
      expect(code).toBe(130);
    }));
});
