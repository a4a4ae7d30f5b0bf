// The fuzzer's figures as lines and as JSON. It judges nothing but what engine.ts and the laws have judged.
import { toHex } from "../../src/bytes/hex.ts";
import { MIN_ACCEPTED, type Report } from "./engine.ts";

/** Below this the share that was accepted says nothing. */
const TELLING_INPUTS = 1_000;

/** True when a run shows that all is well. */
export function isGreen(report: Report): boolean {
  return report.breach === undefined && !isBouncing(report);
}

/** True when nearly nothing was accepted: then the fuzzer fuzzes only the first check. */
export function isBouncing({ inputs, accepted }: Report): boolean {
  return inputs >= TELLING_INPUTS && accepted / inputs < MIN_ACCEPTED;
}

/** One target's line. */
export function lineOf(report: Report): string {
  const { target, inputs, accepted, perSecond, slowestMs, slowestBytes, known } = report;
  const share = inputs === 0 ? 0 : (accepted / inputs) * 100;
  const figures = [
    target.padEnd(18),
    `${shown(inputs).padStart(11)} inputs`,
    `${share.toFixed(0).padStart(3)} % accepted`,
    `${shown(perSecond).padStart(9)}/s`,
    `slowest ${slowestMs.toFixed(1)} ms (${shown(slowestBytes)} bytes)`,
  ];
  const marks = [
    ...(known > 0 ? [`${shown(known)} met a known finding`] : []),
    ...(isBouncing(report) ? ["FAILED: under 1 % accepted"] : []),
  ];
  return [...figures, ...marks].join("  ");
}

/** Why inputs were refused, most often first. */
export function faultsOf({ rejected }: Report): string {
  return Object.entries(rejected).map(([name, count]) => `${name} ${shown(count)}`).join(", ");
}

/** What was found, and how to see it again. */
export function findingLines(target: string, law: string, detail: string, input: Uint8Array, stored: string): string[] {
  const hex = toHex(input);
  const shownHex = hex.length > 2_000 ? `${hex.slice(0, 2_000)}… (${input.length} bytes)` : hex;
  const argument = hex.length > 2_000 || hex === "" ? stored : hex;
  return [
    `FAILED ${target}: ${law}`,
    ...detail.split("\n").slice(0, 8).map((line) => `  ${line}`),
    `  input: ${shownHex}`,
    `  again: npm run fuzz -- --target ${target} --replay ${argument}`,
    `  stored: ${stored}`,
  ];
}

/** The results without bytes. */
export function reportsAsJson(reports: readonly Report[], seed: number): string {
  const rows = reports.map(({ breach, ...rest }) => ({ ...rest, breach: breach?.law ?? null }));
  return `${JSON.stringify({ seed, targets: rows }, undefined, 2)}\n`;
}

/** Digits in groups of three. */
export function shown(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}
