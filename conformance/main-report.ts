// The results of the main job as a table, as JSON and as a closing line. It runs nothing.
import Table from "cli-table3";
import type { CellResult } from "./main-cells.ts";

const mebibyte = 1_048_576;

/** Payload megabytes (10^6) a second, with one decimal. */
export function megabytesPerSecond({ bytes, seconds }: CellResult): string {
  return seconds > 0 ? (bytes / seconds / 1e6).toFixed(1) : "-";
}

/** One row a cell, then the reasons of those that failed. */
export function describeCells(results: readonly CellResult[]): string {
  const table = new Table({
    head: ["client", "server", "transport", "verdict", "MB/s", "seconds", "peak held"],
    colAligns: ["left", "left", "left", "left", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    const { client, server, transport, verdict, seconds, peakHeldBytes } = result;
    const peak = `${(peakHeldBytes / mebibyte).toFixed(2)} MiB`;
    table.push([client, server, transport, verdict, megabytesPerSecond(result), seconds.toFixed(3), peak]);
  }
  const reasons = results.filter(({ reason }) => reason !== undefined)
    .map(({ client, server, transport, reason }) => `failed: ${client} <- ${server} over ${transport}: ${reason}`);
  return [table.toString(), ...reasons].join("\n");
}

/** The results as --json writes them: an array with one object a cell. */
export function cellsAsJson(results: readonly CellResult[]): string {
  // A reason that is undefined is left out by JSON.
  const rows = results.map(({ client, server, transport, verdict, bytes, seconds, sha256ok, reason }) => (
    { client, server, transport, verdict, bytes, seconds, sha256ok, reason }
  ));
  return JSON.stringify(rows, undefined, 2) + "\n";
}

/** The last line. */
export function closingLine(results: readonly CellResult[]): string {
  const passed = results.filter(({ verdict }) => verdict === "pass").length;
  return `${passed} of ${results.length} cells passed`;
}
