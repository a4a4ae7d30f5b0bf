// `npm start`: a real file by request-stream between every two runtimes over every transport, judged from outside.
// It ends with 0 when every cell passed, 1 when one failed, 2 when the command line cannot be used, 130 after Ctrl-C.
import { writeFileSync } from "node:fs";
import { cellsAsJson, closingLine, describeCells } from "./main-report.ts";
import { type CellResult, Fleet, runCells, transports } from "./main-cells.ts";
import { helpText, type Options, OptionsError, readOptions } from "./main-options.ts";
import { createProgress } from "./main-progress.ts";
import { runtimeNames } from "./runner/find-runtime.ts";

async function main(): Promise<number> {
  let options: Options | "help";
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    process.stderr.write(`headrace: ${error.message}\n`);
    return 2;
  }
  if (options === "help") {
    process.stdout.write(helpText);
    return 0;
  }
  return await run(options);
}

async function run(options: Options): Promise<number> {
  const fleet = new Fleet();
  const interrupted = new AbortController();
  const interrupt = () => {
    interrupted.abort();
    fleet.kill();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  const { path, bytes, note } = options;
  print([`serving ${path} (${(bytes / 1e6).toFixed(1)} MB)`, ...(note === undefined ? [] : [note])]);
  const progress = createProgress(process.stdout, runtimeNames.length ** 2 * transports.length);
  let results: CellResult[];
  try {
    await fleet.start();
    results = await runCells(fleet, options, progress, interrupted.signal);
  } finally {
    progress.stop();
  }
  const left = await fleet.stop();
  if (interrupted.signal.aborted) {
    print(["stopped"]);
    return 130;
  }
  return report(results, left, options);
}

function report(results: readonly CellResult[], left: readonly string[], { json }: Options): number {
  print([describeCells(results), ...left.map((line) => `failed: ${line}`)]);
  const written = json === undefined || write(json, cellsAsJson(results));
  print([closingLine(results)]);
  if (!written) return 2;
  return left.length === 0 && results.every(({ verdict }) => verdict === "pass") ? 0 : 1;
}

function write(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch (error) {
    process.stderr.write(`headrace: cannot write ${path}: ${(error as Error).message}\n`);
    return false;
  }
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.join("\n") + "\n");
}

process.exitCode = await main();
