// The rules of the house as one pure function over the texts of the files: who may import whom, and who may name what.
// It reads no disk, so that the tests can plant a violation of each rule.
import { circles } from "./circles.ts";
import { type ModuleFacts, readModule } from "./module-facts.ts";

/** Folders of src, lowest first. A folder imports those below it; those beside it only in the last row. */
const rows: readonly (readonly string[])[] = [
  ["contract"],
  ["bytes"],
  ["kit"],
  ["rsocket", "nats", "http3", "quic", "websocket"],
  ["drive"],
  ["front"],
  ["rxws", "rx", "cloudevents", "graphql", "gateway", "cli"],
];
const protocols: readonly string[] = rows[3] ?? [];
const front = rows.findIndex((row) => row.includes("front"));

/** Packages that a folder may name. Everywhere else in src and transports there are none. */
const packages: Readonly<Record<string, readonly string[]>> = {
  "src/rx": ["rxjs"],
  "src/rxws": ["rxjs"],
  "src/graphql": ["graphql"],
};

/** Names that src and transports never use: time, randomness and the host are arguments there. */
const hostNames: ReadonlySet<string> = new Set([
  "Buffer",
  "Bun",
  "Date.now",
  "Deno",
  "Math.random",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "globalThis",
  "new Date()",
  "performance",
  "process",
  "require",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))*\.(ts|mjs|js)$/;

/** Each line names a file, where it helps its line, and the rule it breaks. `files` maps path -> text. */
export function boundaryViolations(files: ReadonlyMap<string, string>): string[] {
  const modules = new Map([...files].map(([path, text]) => [path, readModule(path, text)]));
  const found: string[] = [];
  for (const [path, facts] of modules) {
    found.push(...shapeViolations(path, files.get(path) ?? "", facts));
    if (!path.endsWith(".test.ts")) found.push(...importViolations(path, facts), ...nameViolations(path, facts));
    else found.push(...testViolations(path, facts));
  }
  return [...found, ...circles(valueImports(modules)), ...folderCircles(modules)];
}

function shapeViolations(path: string, text: string, facts: ModuleFacts): string[] {
  const found = facts.errors.map((error) => `${path}: cannot be parsed: ${error}`);
  if (!kebabCase.test(path.slice(path.lastIndexOf("/") + 1))) found.push(`${path}: file names are kebab-case`);
  if (!/^(\/\/|\/\*|#!)/.test(text)) found.push(`${path}: the first line says what the file is`);
  if (facts.hasDefaultExport && !path.endsWith("vitest.config.ts")) found.push(`${path}: no default exports`);
  if (facts.hasExportAll) found.push(`${path}: no "export *"; name what is exported`);
  return found;
}

function importViolations(path: string, facts: ModuleFacts): string[] {
  return facts.imports.flatMap(({ specifier, line }) => {
    const problem = specifier.startsWith(".")
      ? fileProblem(path, resolve(path, specifier))
      : packageProblem(path, specifier);
    return problem === undefined ? [] : [`${path}:${line}: ${problem}`];
  });
}

function packageProblem(path: string, specifier: string): string | undefined {
  if (isHostFolder(path)) return undefined;
  if (specifier === "#runtime") {
    return path === "src/front/host.ts" ? undefined : "only src/front/host.ts asks #runtime";
  }
  const allowed = packages[folderOf(path)] ?? [];
  if (allowed.some((name) => specifier === name || specifier.startsWith(`${name}/`))) return undefined;
  return `names ${specifier}; only runtimes and conformance name hosts and packages`;
}

function fileProblem(path: string, target: string): string | undefined {
  if (folderOf(path) === folderOf(target) || path.startsWith("conformance/")) return undefined;
  const refusal = `may not import ${target}`;
  if (target.startsWith("conformance/")) return `${refusal}: nothing shipped knows the suite`;
  const [area] = path.split("/");
  if (area === "src") return srcMay(path, target) ? undefined : `${refusal}: it is not below ${folderOf(path)}`;
  if (area === "transports") {
    return transportMay(target) ? undefined : `${refusal}: only contract, drive, protocol faces`;
  }
  return runtimeMay(path, target) ? undefined : `${refusal}: a runtime knows no other runtime and no front`;
}

function srcMay(path: string, target: string): boolean {
  if (!target.startsWith("src/")) return false;
  if (path === "src/mod.ts" || isAmbient(path)) return true;
  if (target === "src/mod.ts") return false;
  const [from, to] = [rowOf(path), rowOf(target)];
  return from >= 0 && to >= 0 && (to < from || (to === from && from === rows.length - 1));
}

function transportMay(target: string): boolean {
  if (target.startsWith("transports/")) return true;
  const [area, folder = "", file] = target.split("/");
  if (area !== "src") return false;
  return folder === "contract" || folder === "drive" || (protocols.includes(folder) && file === "mod.ts");
}

/** A runtime's command line, and its entry for programs, join everything; the rest is below the fronts. */
function runtimeMay(path: string, target: string): boolean {
  if (target.startsWith("transports/") || target.startsWith("runtimes/shared/")) return true;
  if (target.startsWith("runtimes/")) return false;
  return /\/(cli|entry)\.ts$/.test(path) || (target.startsWith("src/") && rowOf(target) >= 0 && rowOf(target) < front);
}

function nameViolations(path: string, facts: ModuleFacts): string[] {
  if (isHostFolder(path)) return [];
  return facts.names
    .filter(({ name }) => hostNames.has(name))
    .map(({ name, line }) => `${path}:${line}: names ${name}; the host is an argument here`);
}

/** Tests reach wherever they need, but run on three runtimes, so they take no single runner. */
function testViolations(path: string, facts: ModuleFacts): string[] {
  return facts.imports
    .filter(({ specifier }) => /^(vitest|bun:test|node:test|jsr:.*)$/.test(specifier))
    .map(({ specifier, line }) => `${path}:${line}: imports ${specifier}; tests import "#test"`);
}

function valueImports(modules: ReadonlyMap<string, ModuleFacts>): Map<string, string[]> {
  return new Map([...modules].map(([path, { imports }]) => [
    path,
    imports.filter((one) => !one.typeOnly && one.specifier.startsWith(".")).map((one) => resolve(path, one.specifier)),
  ]));
}

/** Between folders a type is a dependency too. Tests and entry points (files that stand above folders) are left out. */
function folderCircles(modules: ReadonlyMap<string, ModuleFacts>): string[] {
  const graph = new Map<string, string[]>();
  for (const [path, { imports }] of modules) {
    if (path.endsWith(".test.ts") || path.startsWith("conformance/")) continue;
    const from = folderOf(path);
    const to = imports.filter((one) => one.specifier.startsWith(".")).map((one) =>
      folderOf(resolve(path, one.specifier))
    );
    graph.set(from, [...(graph.get(from) ?? []), ...to.filter((folder) => folder !== from)]);
  }
  return circles(graph);
}

/** Declarations that stand directly in src: the globals, and what #runtime is. Nobody imports them. */
function isAmbient(path: string): boolean {
  return /^src\/[^/]+\.d\.ts$/.test(path);
}

function isHostFolder(path: string): boolean {
  return path.startsWith("runtimes/") || path.startsWith("conformance/");
}

function rowOf(path: string): number {
  const [area, folder = ""] = path.split("/");
  return area === "src" ? rows.findIndex((row) => row.includes(folder)) : -1;
}

/** "src/rsocket" for anything below it; a file that stands directly in an area is a folder of its own. */
function folderOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
