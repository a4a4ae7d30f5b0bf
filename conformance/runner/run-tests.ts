// Runs test files on one runtime and gathers the results. Never prints; never trusts a report over an exit code.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRuntime, type RuntimeName } from "./find-runtime.ts";
import { filesBelow, projectRoot } from "./project.ts";
import { readJUnit, readVitest, type TestResult } from "./test-report.ts";

/** What one run of a suite came to. */
export interface SuiteReport {
  /** "node 20.20.2", or "node 20.20.2, orchestrated". */
  readonly title: string;
  readonly results: readonly TestResult[];
  /** What went wrong outside any test: a missing runtime, a crash, a late error. Each counts as one failure. */
  readonly complaints: readonly string[];
}

/** How a suite is run. */
export interface RunOptions {
  /** Which tests vitest.config.ts looks at; "planted" are planted to fail. */
  readonly suite: "unit" | "cross" | "planted";
  /** Paths relative to the project. */
  readonly files: readonly string[];
  readonly timeLimitMs?: number;
}

const defaultTimeLimitMs = 20 * 60_000;
const outputTailChars = 4000;

/** The tests that every runtime runs: all but the orchestrated suite. */
export function unitTestFiles(): string[] {
  const accept = (path: string) => path.endsWith(".test.ts") && !path.startsWith("conformance/cross/");
  return ["src", "transports", "runtimes", "conformance"].flatMap((folder) => filesBelow(folder, accept));
}

/** The tests that Node runs and that start programs on every runtime. Files in folders below are planted tests. */
export function crossTestFiles(): string[] {
  return filesBelow("conformance/cross", (path) => /^conformance\/cross\/[^/]+\.test\.ts$/.test(path));
}

/** Runs the files with the runtime's own test runner. */
export async function runTests(name: RuntimeName, options: RunOptions): Promise<SuiteReport> {
  const runtime = findRuntime(name);
  if ("missing" in runtime) return { title: name, results: [], complaints: [runtime.missing] };
  const title = `${name} ${runtime.version}${options.suite === "cross" ? ", orchestrated" : ""}`;
  if (options.files.length === 0) return { title, results: [], complaints: [] };
  const folder = await mkdtemp(join(tmpdir(), "headrace-tests-"));
  try {
    const report = join(folder, "report");
    const ended = await execute(runtime.command, argumentsFor(name, report, options.files), options);
    const results = await readReport(name, report);
    return { title, results: results ?? [], complaints: complaintsOf(name, ended, results) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function argumentsFor(name: RuntimeName, report: string, files: readonly string[]): string[] {
  const paths = files.map((file) => `./${file}`);
  switch (name) {
    case "node": {
      const vitest = join(projectRoot, "node_modules", "vitest", "vitest.mjs");
      return [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...paths];
    }
    case "deno":
      return ["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...paths];
    case "bun":
      return ["test", "--conditions=headrace-source", "--reporter=junit", `--reporter-outfile=${report}`, ...paths];
  }
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly late: boolean;
}

function execute(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const env = { ...process.env, HEADRACE_SUITE: options.suite, NO_COLOR: "1", FORCE_COLOR: undefined };
  return new Promise((resolve) => {
    let output = "";
    let late = false;
    const child = spawn(command, args, { cwd: projectRoot, env, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, options.timeLimitMs ?? defaultTimeLimitMs);
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-16 * outputTailChars);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => keep(Buffer.from(String(error))));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output, late });
    });
  });
}

async function readReport(name: RuntimeName, path: string): Promise<TestResult[] | undefined> {
  try {
    const text = await readFile(path, "utf8");
    return name === "node" ? readVitest(text) : readJUnit(text);
  } catch {
    return undefined;
  }
}

/** How each test runner's output speaks of an error that belongs to no test. */
const escaped: Readonly<Record<RuntimeName, RegExp>> = {
  node: /^.*Unhandled Errors[^]*^ +Errors +\d+ error/m,
  deno: /^.*\(uncaught error\)\n[^]*/m,
  bun: /^# Unhandled error between tests[^]*/m,
};

/** What the failed tests do not explain, an exit code or an error outside them, is a failure of its own. */
function complaintsOf(name: RuntimeName, ended: Ended, results: readonly TestResult[] | undefined): string[] {
  const tail = ended.output.slice(-outputTailChars);
  if (ended.late) return [`ran longer than allowed and was ended\n${tail}`];
  const outside = escaped[name].exec(ended.output)?.[0].slice(0, outputTailChars);
  if (outside !== undefined) return [`an error escaped from the tests\n${outside}`];
  if (results === undefined) return [`ended with code ${ended.code} and no report\n${tail}`];
  if (results.length === 0) return [`ran no test (code ${ended.code})\n${tail}`];
  const failed = results.some((result) => result.outcome === "failed");
  return ended.code === 0 || failed ? [] : [`every test passed, yet it ended with code ${ended.code}\n${tail}`];
}
