// Turns suite reports into lines for a person and one verdict. Never runs anything.
import { skipReason } from "../shims/contract.ts";
import type { SuiteReport } from "./run-tests.ts";
import type { TestResult } from "./test-report.ts";

/** The totals of some reports. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts over all reports; a complaint is one failure. */
export function totalsOf(reports: readonly SuiteReport[]): Totals {
  const results = reports.flatMap((report) => report.results);
  const count = (outcome: TestResult["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const complaints = reports.reduce((sum, report) => sum + report.complaints.length, 0);
  return { passed: count("passed"), failed: count("failed") + complaints, skipped: count("skipped") };
}

/** The closing line. */
export function closingLine(totals: Totals): string {
  return `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`;
}

/** One report: a line of counts, then what failed with its message, then what was skipped with its reason. */
export function describeReport(report: SuiteReport): string[] {
  const lines = [`${report.title}: ${closingLine(totalsOf([report]))}`];
  for (const complaint of report.complaints) lines.push(indent(`failed: ${complaint}`));
  for (const { name, outcome, message = "" } of report.results) {
    if (outcome === "failed") lines.push(indent(`failed: ${name}\n${indent(withoutForeignFrames(message))}`));
    if (outcome === "skipped") {
      lines.push(indent(skipReason(name) === undefined ? `skipped without a reason: ${name}` : `skipped: ${name}`));
    }
  }
  return lines;
}

/** What the runs of the same tests on several runtimes owe each other. Each line is one failure. */
export function differences(reports: readonly SuiteReport[]): string[] {
  const [first, ...others] = reports;
  if (first === undefined) return [];
  const found: string[] = [];
  for (const other of others) {
    const missing = without(first, other);
    const extra = without(other, first);
    if (missing.length === 0 && extra.length === 0) continue;
    const counts = `${first.title} ran ${first.results.length} tests, ${other.title} ran ${other.results.length}`;
    found.push([counts, ...list(`only ${first.title}`, missing), ...list(`only ${other.title}`, extra)].join("\n"));
  }
  return found;
}

/** A test that somebody skipped without a reason, by any means but `it.skipBecause`. */
export function unexplainedSkips(reports: readonly SuiteReport[]): string[] {
  return reports.flatMap((report) =>
    report.results
      .filter((result) => result.outcome === "skipped" && skipReason(result.name) === undefined)
      .map((result) => `${report.title}: skipped without a reason: ${result.name}`)
  );
}

const listed = 10;

function list(title: string, names: readonly string[]): string[] {
  const more = names.length > listed ? [`  … and ${names.length - listed} more`] : [];
  return names.length === 0 ? [] : [`${title}:`, ...names.slice(0, listed).map((name) => `  ${name}`), ...more];
}

/** Names of tests that `one` ran more often than `other`, in order; skipped or not is no difference. */
function without(one: SuiteReport, other: SuiteReport): string[] {
  const left = new Map<string, number>();
  for (const result of other.results) left.set(bareName(result), (left.get(bareName(result)) ?? 0) + 1);
  return one.results.map(bareName).filter((name) => {
    const count = left.get(name) ?? 0;
    left.set(name, count - 1);
    return count <= 0;
  });
}

function bareName({ name }: TestResult): string {
  const reason = skipReason(name);
  return reason === undefined ? name : name.slice(0, name.lastIndexOf(" (skipped: "));
}

/** Stack frames inside the test runner tell nothing. */
function withoutForeignFrames(message: string): string {
  return message.split("\n").filter((line) => !/^\s*at .*node_modules/.test(line)).join("\n");
}

function indent(text: string): string {
  return text.split("\n").map((line) => (line === "" ? line : `  ${line}`)).join("\n");
}
