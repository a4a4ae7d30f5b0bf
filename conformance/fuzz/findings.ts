// The corpus folder: inputs that once broke a law, each a file. It reads and writes files and runs nothing.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { projectRoot } from "../runner/project.ts";
import { hashOf } from "./random.ts";

/** An input and what it broke. */
export interface Finding {
  readonly target: string;
  /** The law that it broke, or breaks. */
  readonly law: string;
  readonly detail: string;
  readonly hex: string;
  /**
   * Why the law is still broken, in words. Then the replay demands that it breaks, and the fuzzer does not stop at it.
   * Absent once it is mended: then the replay demands that it holds.
   */
  readonly open?: string;
}

/** Where findings are, below the project. */
export const CORPUS = "conformance/fuzz/corpus";

/** Every stored finding, in the order of the file names. */
export function storedFindings(): Finding[] {
  const folder = join(projectRoot, CORPUS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json")).toSorted().map((name) =>
    readFinding(
      join(folder, name),
    )
  );
}

/** One finding. Throws for a file that is none. */
export function readFinding(path: string): Finding {
  const finding = JSON.parse(readFileSync(path, "utf8")) as Finding;
  if (fromHex(finding.hex) === undefined) throw new Error(`${path} holds no hexadecimal input`);
  return finding;
}

/** The input of a finding. */
export function inputOf(finding: Finding): Uint8Array {
  return fromHex(finding.hex) ?? new Uint8Array(0);
}

/** Writes a finding and gives its path below the project. One input is one file. */
export function storeFinding(target: string, law: string, detail: string, input: Uint8Array): string {
  const finding: Finding = { target, law, detail: detail.slice(0, 300), hex: toHex(input) };
  const path = `${CORPUS}/${target}-${hashOf(input).toString(16).padStart(8, "0")}.json`;
  mkdirSync(join(projectRoot, CORPUS), { recursive: true });
  writeFileSync(join(projectRoot, path), `${JSON.stringify(finding, undefined, 2)}\n`);
  return path;
}
