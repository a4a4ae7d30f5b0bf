// Where the project's files are, seen from a source as well as from its compiled copy in dist. Never changes them.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json and deno.json. */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Paths of the files below `folder`, relative to the project and with forward slashes, in order. */
export function filesBelow(folder: string, accept: (path: string) => boolean): string[] {
  const start = join(projectRoot, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.includes("node_modules/") && accept(path))
    .toSorted();
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, "deno.json")) && existsSync(join(folder, "package.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("headrace: no package.json above the conformance suite");
  return findRoot(parent);
}
