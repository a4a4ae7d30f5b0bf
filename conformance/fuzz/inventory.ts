// Which exports take a peer's bytes, by their names and by a list, and which of them no target calls. It reads sources
// as text and runs none.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, projectRoot } from "../runner/project.ts";
import type { Target } from "./target.ts";

/** Names that say what they do. */
const DECODER = /^(decode|parse|read)(?=[A-Z]|$)/;
const EXPORT = /^export (?:async )?(?:function\*?|class|const|let) (\w+)/gm;
const EXPORT_LIST = /^export \{([^}]*)\}/gm;

/** Exports that take a peer's bytes under another name. */
export const ALSO_DECODERS: readonly string[] = [
  "FrameView",
  "Greeting",
  "Keepalive",
  "LengthPrefix",
  "Lines",
  "MessageFrames",
  "Reassembly",
  "RSocketConnection",
  "Streams",
  "compositeEntries",
  "exactInteger",
  "findInComposite",
  "frameFromJson",
  "frameOf",
  "frameToJson",
  "fromHex",
  "metadataFromJson",
  "metadataToJson",
  "utf8Decode",
  "utf8DecodeStrict",
];

/** The sources that are looked at: what is shipped. */
export function shippedSources(): Map<string, string> {
  const accept = (path: string) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.endsWith(".d.ts");
  const paths = ["src", "transports", "runtimes"].flatMap((folder) => filesBelow(folder, accept));
  return new Map(paths.map((path) => [path, readFileSync(join(projectRoot, path), "utf8")]));
}

/** Each line names a decoder without a target, or an entry of a list that is out of date. Empty when all is well. */
export function inventoryGaps(sources: ReadonlyMap<string, string>, targets: readonly Target[]): string[] {
  const covered = new Set(targets.flatMap((target) => target.covers.map(({ name }) => name)));
  const exported = new Map<string, string>();
  for (const [path, text] of sources) for (const name of exportsOf(text)) exported.set(name, path);
  const gaps: string[] = [];
  for (const [name, path] of exported) {
    const isDecoder = DECODER.test(name) || ALSO_DECODERS.includes(name);
    if (isDecoder && !covered.has(name)) gaps.push(`${path}: ${name} takes a peer's bytes and no target calls it`);
  }
  for (const name of ALSO_DECODERS) if (!exported.has(name)) gaps.push(`inventory.ts: nothing exports ${name}`);
  return gaps;
}

/** Names under which a source exports values. */
export function exportsOf(text: string): string[] {
  const lists = [...text.matchAll(EXPORT_LIST)].flatMap(([, list = ""]) => list.split(","));
  const listed = lists.map((entry) => entry.trim()).filter((entry) => !entry.startsWith("type "))
    .map((entry) => entry.split(/\s+as\s+/).at(-1) ?? "");
  return [...[...text.matchAll(EXPORT)].map(([, name = ""]) => name), ...listed].filter((name) => name !== "");
}
