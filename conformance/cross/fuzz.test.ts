// The fuzzer as its users meet it, and the proofs that it is worth running: every decoder has a target, planted bugs are
// found, time grows with size, and machines keep no more than they may.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { inventoryGaps, shippedSources } from "../fuzz/inventory.ts";
import { allTargets } from "../fuzz/targets.ts";
import { findRuntime, type RuntimeName } from "../runner/find-runtime.ts";
import { projectRoot } from "../runner/project.ts";

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const compiled = join(projectRoot, "dist", "conformance", "fuzz", "main.js");
const source = join(projectRoot, "conformance", "fuzz", "main.ts");

function execute(command: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(command, args, { cwd: projectRoot, timeout: 280_000, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (output += chunk.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

const run = (...args: readonly string[]): Promise<Ended> => execute(process.execPath, [compiled, ...args]);

function fromSource(name: RuntimeName, ...args: readonly string[]): Promise<Ended> {
  const runtime = findRuntime(name);
  if ("missing" in runtime) throw new Error(runtime.missing);
  const before = name === "deno" ? ["run", "--allow-all", "--no-check"] : ["--conditions=headrace-source"];
  return execute(runtime.command, [...before, source, ...args]);
}

describe("the inventory", () => {
  it("has a target for every export that takes a peer's bytes", () => {
    expect(inventoryGaps(shippedSources(), allTargets()).join("\n")).toBe("");
  });

  it("sees a decoder without a target, however it is exported", () => {
    const decoders = [
      "export function decodeLease(bytes: Uint8Array): void {}",
      "export async function parseInfo(bytes: Uint8Array): Promise<void> {}",
      "export function* readOps(): Generator<number> {}",
      "export const decodeVarint = (bytes: Uint8Array) => 0;",
      'export { inner as decodeLater, type decodeNothing } from "./inner.ts";',
    ];
    for (const text of decoders) {
      const planted = new Map([...shippedSources(), ["src/nats/planted.ts", text]]);
      expect(inventoryGaps(planted, allTargets()), text).toHaveLength(1);
    }
    const others = "export function ready(): void {}\nexport type decodeType = 1;\nfunction decodePrivate(): void {}";
    expect(inventoryGaps(new Map([...shippedSources(), ["src/x.ts", others]]), allTargets())).toEqual([]);
  });

  it("sees a target that is gone", () => {
    const gaps = inventoryGaps(shippedSources(), allTargets().filter(({ name }) => name !== "routing"));
    expect(gaps.join()).toContain("decodeRouting takes a peer's bytes and no target calls it");
  });
});

describe("npm run fuzz", () => {
  it("holds every target to its laws for a while, and writes figures", async () => {
    const folder = await mkdtemp(join(tmpdir(), "headrace-fuzz-"));
    try {
      const json = join(folder, "results.json");
      const { code, output } = await run("--seconds", "8", "--seed", "1", "--json", json);
      expect(output).toMatch(/sequences; every law held\n$/);
      expect(code).toBe(0);
      const results = JSON.parse(await readFile(json, "utf8")) as { targets: { target: string; inputs: number }[] };
      expect(results.targets.map(({ target }) => target)).toEqual(allTargets().map(({ name }) => name));
      expect(results.targets.every(({ inputs }) => inputs > 0)).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);

  for (const name of ["deno", "bun"] as const) {
    it(`runs from its sources on ${name}`, async () => {
      const { code, output } = await fromSource(name, "--inputs", "300", "--seed", "1", "--target", "server");
      expect(output).toMatch(/[34]\d\d sequences; every law held\n$/);
      expect(code).toBe(0);
    }, 60_000);
  }

  it("replays one input", async () => {
    const { code, output } = await run("--target", "frame", "--replay", "000000012400");
    expect(output).toMatch(/^frame: \+CANCEL, \d/);
    expect(code).toBe(0);
  }, 30_000);

  for (
    const [args, message] of [
      [["--target", "nothing"], 'no target "nothing"; --list names them'],
      [["--target", "nothing", "--replay", "00"], 'no target "nothing"'],
      [["--seconds", "soon"], '--seconds takes a number of 0 or more, not "soon"'],
      [["--list", "--sabotage"], "--list and --sabotage do not go together"],
      [["--nonsense"], "Unknown option '--nonsense'"],
    ] as const
  ) {
    it(`refuses ${args.join(" ")}`, async () => {
      const { code, output } = await run(...args);
      expect(output).toContain(`headrace: ${message}`);
      expect(code).toBe(2);
    }, 30_000);
  }

  it("lists its targets", async () => {
    const { code, output } = await run("--list");
    expect(output.trim().split("\n")).toHaveLength(allTargets().length);
    expect(code).toBe(0);
  }, 30_000);
});

describe("the fuzzer", () => {
  it("finds every planted bug within 10 s", async () => {
    const { code, output } = await run("--sabotage", "--seed", "1");
    expect(output).not.toContain("NOT FOUND");
    expect(output).toMatch(/machine: keeps what it received +found/);
    expect(code).toBe(0);
  }, 280_000);

  it("finds that machines keep no more than they may", async () => {
    const { code, output } = await run("--retention", "--seconds", "5", "--seed", "1");
    expect(output).not.toContain("FAILED");
    expect(code).toBe(0);
  }, 120_000);
});
