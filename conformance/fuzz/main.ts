// `npm run fuzz`: reads the command line, runs what it asks for, prints figures and findings. Also runs from its sources
// on Deno and Bun. It stores findings, and sends nothing anywhere.
import { writeFileSync } from "node:fs";
import { fromHex } from "../../src/bytes/hex.ts";
import { type Breach, fuzz, type Report } from "./engine.ts";
import { type Finding, inputOf, readFinding, storedFindings, storeFinding } from "./findings.ts";
import { minimise } from "./minimise.ts";
import { helpText, type Options, OptionsError, readOptions } from "./options.ts";
import { FIND_SECONDS, sabotage } from "./planted.ts";
import { faultsOf, findingLines, isGreen, lineOf, reportsAsJson, shown } from "./report.ts";
import { climb, findCollector, floods, isWithin, type Retention, retentionOf } from "./retention.ts";
import { growthOf, MAX_GROWTH, shapes } from "./scaling.ts";
import { lawOf, type Target } from "./target.ts";
import { allTargets } from "./targets.ts";

/** Conversations take most of the time, because they are what can go wrong most. */
const STATEFUL_SHARE = 6;

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2), Date.now());
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    process.stderr.write(`headrace: ${error.message}; --help explains\n`);
    return 2;
  }
  switch (options.action) {
    case "help":
      return print([helpText.trimEnd()], 0);
    case "list":
      return print(allTargets().map(({ name, about }) => `${name.padEnd(18)} ${about}`), 0);
    case "sabotage":
      return await runSabotage(options);
    case "scaling":
      return await runScaling();
    case "retention":
      return await runRetention(options);
    case "replay":
      return replay(options);
    default:
      return runTargets(options);
  }
}

function runTargets(options: Options): number {
  const targets = allTargets().filter(({ name }) => options.target === undefined || name === options.target);
  if (targets.length === 0) return unknownTarget(options);
  const weights = targets.map(({ kind }) => kind === "stateful" ? STATEFUL_SHARE : 1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  print([`seed ${options.seed}`], 0);
  // Messages of refused input are thrown by the million, and nobody reads their stacks.
  Error.stackTraceLimit = 0;
  const stored = storedFindings();
  const reports = targets.map((target, index) => {
    const own = stored.filter((finding) => finding.target === target.name);
    const report = fuzz(target, {
      seed: options.seed + index,
      seconds: options.seconds * weights[index]! / sum,
      seeds: own.map(inputOf),
      open: new Set(own.filter((finding) => finding.open !== undefined).map(({ law }) => law)),
      ...(options.inputs === undefined ? {} : { inputs: options.inputs }),
    });
    print([lineOf(report), ...(report.inputs > 0 ? [`  refused: ${faultsOf(report)}`] : [])], 0);
    if (report.breach !== undefined) tell(target, report.breach);
    return report;
  });
  if (options.json !== undefined) writeFileSync(options.json, reportsAsJson(reports, options.seed));
  return print([closing(reports)], reports.every(isGreen) ? 0 : 1);
}

function closing(reports: readonly Report[]): string {
  const count = (kind: Target["kind"]) => {
    return shown(reports.filter((one) => one.kind === kind).reduce((sum, { inputs }) => sum + inputs, 0));
  };
  const red = reports.filter((report) => !isGreen(report)).length;
  return `${count("stateless")} inputs and ${count("stateful")} sequences; ` +
    (red === 0 ? "every law held" : `${red} targets failed`);
}

/** Makes what was found smaller, stores it, and prints it with the stack of its last run. */
function tell(target: Target, { law, input, detail }: Breach): void {
  const smallest = law === "threw SlowInput" ? input : minimise(target, input, law);
  Error.stackTraceLimit = 10;
  const again = outcomeOf(target, smallest);
  Error.stackTraceLimit = 0;
  const stored = storeFinding(target.name, law, detail.split("\n")[0] ?? "", smallest);
  print(findingLines(target.name, law, again instanceof Error ? (again.stack ?? detail) : detail, smallest, stored), 0);
}

/** The verdict, or what was thrown. */
function outcomeOf(target: Target, input: Uint8Array): unknown {
  try {
    return target.run(input, false);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function replay(options: Options): number {
  const given = options.replay ?? "";
  const bytes = fromHex(given);
  const finding: Finding = bytes === undefined
    ? readFinding(given)
    : { target: options.target ?? "", law: "", detail: "", hex: given };
  const target = allTargets().find(({ name }) => name === finding.target);
  if (target === undefined) return unknownTarget({ ...options, target: finding.target });
  const before = performance.now();
  const outcome = outcomeOf(target, inputOf(finding));
  const took = `${(performance.now() - before).toFixed(1)} ms`;
  if (!(outcome instanceof Error)) return print([`${target.name}: ${String(outcome)}, ${took}`], 0);
  return print([`${target.name}: ${lawOf(outcome)}, ${took}`, outcome.stack ?? outcome.message], 1);
}

function unknownTarget({ target }: Options): number {
  process.stderr.write(`headrace: no target ${JSON.stringify(target ?? "")}; --list names them\n`);
  return 2;
}

async function runSabotage(options: Options): Promise<number> {
  Error.stackTraceLimit = 0;
  let missed = 0;
  for (const { name, law, seconds, inputs } of sabotage(options.seed, await findCollector())) {
    const isFound = law !== undefined && seconds <= FIND_SECONDS + 1;
    if (!isFound) missed++;
    const how = law === undefined ? "NOT FOUND" : `found in ${seconds.toFixed(2)} s by "${law}"`;
    print([`${name.padEnd(50)} ${how}, ${shown(inputs)} inputs`], 0);
  }
  return print(
    [missed === 0 ? "every planted bug was found" : `${missed} planted bugs were not found`],
    missed === 0 ? 0 : 1,
  );
}

async function runScaling(): Promise<number> {
  const collect = await findCollector();
  let red = 0;
  for (const shape of shapes()) {
    const { name, ms, growth } = growthOf(shape, collect);
    const isFast = growth <= MAX_GROWTH;
    const isWell = isFast === (shape.open === undefined);
    if (!isWell) red++;
    const mark = isWell ? (isFast ? "" : `  known: ${shape.open}`) : isFast ? "  FAILED: no longer open" : "  FAILED";
    const times = ms.map((one) => one.toFixed(1)).join(" ");
    print([`${name.padEnd(42)} ${growth.toFixed(2)} for twice the input (${times} ms)${mark}`], 0);
  }
  return print([red === 0 ? "time grows with size" : `${red} shapes failed`], red === 0 ? 0 : 1);
}

async function runRetention(options: Options): Promise<number> {
  const collect = await findCollector();
  if (collect === undefined) return print(["this runtime gives programs no collector; run it on Node or Bun"], 0);
  const found: Retention[] = [];
  for (const [name, chunks] of floods()) found.push(retentionOf(name, chunks, collect));
  found.push(climb(options.seconds, options.seed, collect));
  const lines = found.map((one) => {
    const ratio = (one.retained / one.received).toFixed(2);
    const figures = `${shown(one.retained)} of ${shown(one.received)} bytes kept (${ratio}), ${one.streams} streams`;
    return `${one.name.padEnd(40)} ${figures}${isWithin(one) ? "" : "  FAILED"}`;
  });
  return print(lines, found.every(isWithin) ? 0 : 1);
}

function print(lines: readonly string[], status: number): number {
  process.stdout.write(`${lines.join("\n")}\n`);
  return status;
}

process.exitCode = await main();
