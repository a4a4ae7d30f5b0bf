// `npm test`: types, then the unit tests on Node, Deno and Bun, then the orchestrated suite. Its last line is the count.
// It is red when a test fails, when the runtimes ran different tests, when one ran none, or when something escaped.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { runtimeNames } from "./runner/find-runtime.ts";
import { projectRoot } from "./runner/project.ts";
import { crossTestFiles, runTests, type SuiteReport, unitTestFiles } from "./runner/run-tests.ts";
import { closingLine, describeReport, differences, totalsOf, unexplainedSkips } from "./runner/summary.ts";

const parallel = 2;

async function main(): Promise<number> {
  if (!typesHold()) return finish([{ title: "types", results: [], complaints: ["tsc --build found errors"] }]);
  const unit = await runUnitTests();
  const comparison = [...differences(unit.filter(ranAny)), ...unexplainedSkips(unit)];
  const agreement: SuiteReport = { title: "agreement of the runtimes", results: [], complaints: comparison };
  if (comparison.length > 0) print(describeReport(agreement));
  const cross = await runTests("node", { suite: "cross", files: crossTestFiles() });
  print(describeReport(cross));
  return finish([...unit, agreement, cross]);
}

function typesHold(): boolean {
  try {
    execFileSync(process.execPath, [join(projectRoot, "conformance", "ensure-built.mjs")], { stdio: "inherit" });
    print(["types: checked"]);
    return true;
  } catch {
    return false;
  }
}

/** Two at a time, for a machine of two cores; each report is printed when it is there. */
async function runUnitTests(): Promise<SuiteReport[]> {
  const files = unitTestFiles();
  const waiting = [...runtimeNames.entries()];
  const reports: SuiteReport[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, name] = next;
      const report = await runTests(name, { suite: "unit", files });
      reports[index] = report.results.length > 0 || report.complaints.length > 0
        ? report
        : { ...report, complaints: ["ran no test"] };
      print(describeReport(reports[index]));
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return reports;
}

function ranAny(report: SuiteReport): boolean {
  return report.results.length > 0;
}

function finish(reports: readonly SuiteReport[]): number {
  const totals = totalsOf(reports);
  print(["", closingLine(totals)]);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.join("\n") + "\n");
}

process.exitCode = await main();
