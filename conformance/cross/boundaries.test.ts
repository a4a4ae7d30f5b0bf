// The rules of the house: that this tree keeps them, and that the checker sees a planted violation of each.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { boundaryViolations } from "../house/boundaries.ts";
import { type DenoManifest, manifestViolations, type PackageManifest, runtimeSources } from "../house/manifests.ts";
import { filesBelow, projectRoot } from "../runner/project.ts";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const npm = JSON.parse(read("package.json")) as PackageManifest;
const deno = JSON.parse(read("deno.json")) as DenoManifest;

function check(files: Readonly<Record<string, string>>): string {
  const withHeaders = Object.entries(files).map(([path, text]) => [path, `// A planted file.\n${text}`] as const);
  return boundaryViolations(new Map(withHeaders)).join("\n");
}

describe("this tree", () => {
  it("keeps the import rules, names no host, and has no circles", () => {
    const paths = ["src", "transports", "runtimes", "conformance"]
      .flatMap((folder) => filesBelow(folder, (path) => /\.(ts|mjs)$/.test(path) && !path.includes("/planted/")));
    expect(boundaryViolations(new Map(paths.map((path) => [path, read(path)]))).join("\n")).toBe("");
  });

  it("has equal manifests", () => {
    expect(manifestViolations(npm, deno).join("\n")).toBe("");
  });

  it("exports `runtime` from the default runtime of every host, as src/runtime-of-host.d.ts says", () => {
    const silent = Object.values(runtimeSources(npm))
      .filter((path) => !/^export (const runtime: Runtime\b|\{[^}]*\bruntime\b)/m.test(read(path)));
    expect(silent).toEqual([]);
  });

  it("has a lockfile without hosts, for every platform", () => {
    expect(read("package-lock.json")).not.toContain('"resolved"');
  });
});

describe("the import rules", () => {
  const planted: readonly (readonly [path: string, source: string, message: string])[] = [
    ["src/contract/link.ts", 'import { a } from "../bytes/cursor.ts";', "not below src/contract"],
    ["src/bytes/cursor.ts", 'export type { A } from "../kit/credit.ts";', "not below src/bytes"],
    ["src/rsocket/frame.ts", 'import { a } from "../nats/op.ts";', "not below src/rsocket"],
    ["src/rsocket/frame.ts", 'type A = import("../drive/driver.ts").A;', "not below src/rsocket"],
    ["src/drive/driver.ts", 'import { a } from "../front/rsocket.ts";', "not below src/drive"],
    ["src/front/rsocket.ts", 'import { a } from "../mod.ts";', "not below src/front"],
    ["src/front/rsocket.ts", 'import { a } from "../../transports/mod.ts";', "not below src/front"],
    ["src/front/rsocket.ts", 'import { a } from "#runtime";', "only src/front/host.ts"],
    ["src/kit/credit.ts", 'import { a } from "../../conformance/main.ts";', "nothing shipped knows the suite"],
    ["src/kit/credit.ts", 'import { a } from "node:fs";', "names node:fs"],
    ["src/kit/credit.ts", 'const a = await import("rxjs");', "names rxjs"],
    ["transports/tcp/dial.ts", 'import { a } from "../../src/kit/outbox.ts";', "protocol faces"],
    ["transports/tcp/dial.ts", 'import { a } from "../../src/quic/engine.ts";', "protocol faces"],
    ["transports/tcp/dial.ts", 'import { a } from "node:net";', "names node:net"],
    ["runtimes/node/tcp.ts", 'import { a } from "../deno/tcp.ts";', "no other runtime"],
    ["runtimes/node/tcp.ts", 'import { a } from "../../src/front/rsocket.ts";', "no other runtime and no front"],
    ["src/kit/credit.test.ts", 'import { it } from "vitest";', 'tests import "#test"'],
  ];
  for (const [path, source, message] of planted) {
    it(`refuse ${source} in ${path}`, () => {
      expect(check({ [path]: source })).toContain(message);
    });
  }

  it("allow what the design allows", () => {
    expect(check({
      "src/contract/link.ts": "export interface Link { process(): void; performance: number }",
      "src/rsocket/mod.ts": 'import { type Link } from "../contract/link.ts"; import { a } from "../kit/credit.ts";',
      "src/front/host.ts": 'import { runtime } from "#runtime"; import { b } from "../rsocket/mod.ts";',
      "src/rx/mod.ts": 'import { map } from "rxjs/operators"; import { b } from "../front/host.ts";',
      "src/mod.ts": 'export { a } from "./front/host.ts";',
      "transports/quic/mod.ts": 'import { q } from "../../src/quic/mod.ts"; import { a } from "../tcp/mod.ts";',
      "runtimes/node/mod.ts": 'import { t } from "../../transports/quic/mod.ts"; import fs from "node:fs";',
      "runtimes/node/cli.ts": 'import { main } from "../../src/cli/main.ts";',
      "runtimes/browser/entry.ts": 'import { a } from "../../src/front/rsocket-client.ts";',
    })).toBe("");
  });
});

describe("the other rules", () => {
  for (
    const use of ["Date.now()", "new Date()", "Math.random()", "setTimeout(f)", "performance.now()", "({ process })"]
  ) {
    it(`refuse ${use} in src and transports`, () => {
      expect(check({ "src/kit/credit.ts": `export const a = ${use};` })).toContain("the host is an argument");
      expect(check({ "transports/tcp/dial.ts": `export const a = ${use};` })).toContain("the host is an argument");
      expect(check({ "runtimes/node/clock.ts": `export const a = ${use};` })).toBe("");
    });
  }

  it("tell a property from a global", () => {
    const source = "interface A { process(): void }\nexport const a = (b: A, d: number) => [b.process(), new Date(d)];";
    expect(check({ "src/kit/credit.ts": source })).toBe("");
  });

  it("refuse circles of files, and of folders even by types", () => {
    const files = {
      "src/kit/a.ts": 'import { b } from "./b.ts"; export const a = b;',
      "src/kit/b.ts": 'import { a } from "./a.ts"; export const b = a;',
    };
    expect(check(files)).toContain("import circle: src/kit/a.ts -> src/kit/b.ts -> src/kit/a.ts");
    const types = {
      "src/kit/a.ts": 'import type { B } from "./b.ts"; export type A = B;',
      "src/kit/b.ts": 'import type { A } from "./a.ts"; export type B = A;',
    };
    expect(check(types)).toBe("");
    const folders = {
      "src/rx/a.ts": 'import type { B } from "../rxws/b.ts"; export type A = B;',
      "src/rxws/b.ts": 'import type { C } from "../rx/c.ts"; export type B = C;',
    };
    expect(check(folders)).toContain("import circle: src/rx -> src/rxws -> src/rx");
  });

  it("refuse default exports, export *, other file names and headless files", () => {
    expect(check({ "src/kit/a.ts": "export default 1;" })).toContain("no default exports");
    expect(check({ "src/kit/a.ts": "const a = 1;\nexport { a as default };" })).toContain("no default exports");
    expect(check({ "src/kit/a.ts": 'export * from "./b.ts";' })).toContain('no "export *"');
    expect(check({ "src/kit/someThing.ts": "export const a = 1;" })).toContain("kebab-case");
    expect(boundaryViolations(new Map([["src/kit/a.ts", "export const a = 1;"]])).join()).toContain("first line");
    expect(check({ "src/kit/a.ts": "export const = 1;" })).toContain("cannot be parsed");
  });

  it("refuse manifests that differ", () => {
    const missing = { ...deno, exports: { ...deno.exports, "./extra": "./src/extra.ts" } };
    expect(manifestViolations(npm, missing)).toEqual(["exports: ./extra is only in deno.json"]);
    expect(manifestViolations({ ...npm, version: "9.9.9" }, deno).join()).toContain("version");
    const moved = { ...npm, exports: { ...npm.exports, ".": { default: "./dist/src/mod.js" } } };
    expect(manifestViolations(moved, deno).join()).toContain("exports: . in package.json should be");
    const swapped = { ...npm, imports: { "#runtime": { ...npm.imports["#runtime"], node: "./dist/mod.js" } } };
    expect(manifestViolations(swapped, deno).join()).toContain("imports: #runtime in package.json should end in");
    expect(manifestViolations({ ...npm, dependencies: {} }, deno).join()).toContain("no dependencies");
  });
});
