// Every example in a doc comment runs, as it stands, against the built package, and gives the values that it names.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { docExamples } from "../house/doc-examples.ts";
import { filesBelow, projectRoot } from "../runner/project.ts";

const folders = ["src/front", "src/rsocket"];
const isSource = (path: string) => path.endsWith(".ts") && !path.endsWith(".test.ts");
const files = ["src/mod.ts", ...folders.flatMap((folder) => filesBelow(folder, isSource))];
const examples = files.flatMap((path) => docExamples(path, readFileSync(join(projectRoot, path), "utf8")));

/** Runs a program as a file inside the project's dist, where "headrace/…" means this package. */
function run(program: string): { status: number | null; stderr: string } {
  const folder = mkdtempSync(join(projectRoot, "dist", "doc-example-"));
  try {
    writeFileSync(join(folder, "example.mjs"), program);
    const options = { encoding: "utf8", timeout: 60_000 } as const;
    const { status, stderr } = spawnSync(process.execPath, [join(folder, "example.mjs")], options);
    return { status, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("examples in doc comments", () => {
  it("are found", () => {
    expect(examples.length).toBeGreaterThan(10);
  });

  for (const { at, program } of examples) {
    it(`runs ${at}`, () => {
      const { status, stderr } = run(program);
      expect({ status, stderr }, program).toEqual({ status: 0, stderr: "" });
    });
  }

  it("fail where a value is not as the comment says", () => {
    const text = ["/**", " * ```js", " * const a = 1;", " * a; // 2", " * ```", " */"].join("\n");
    const [example] = docExamples("planted.ts", text);
    expect(example?.at).toBe("planted.ts:3");
    const { status, stderr } = run(example?.program ?? "");
    expect([status, stderr.includes("AssertionError")]).toEqual([1, true]);
    expect(() => docExamples("planted.ts", " * ```js\n * 1;")).toThrow("has no end");
  });

  it("check bytes, lists and numbers, and leave other comments alone", () => {
    const text = [
      " * ```js",
      " * f(); // 3 bytes",
      " * f(); // Uint8Array [1]",
      " * f(); // 0x1f",
      " * f(); // well",
      " * ```",
    ];
    const lines = docExamples("planted.ts", text.join("\n"))[0]?.program.split("\n") ?? [];
    expect(lines.slice(1, 5)).toEqual([
      "deepStrictEqual((f()).length, 3); // 3 bytes",
      "deepStrictEqual([...f()], [1]); // Uint8Array [1]",
      "deepStrictEqual(f(), 0x1f);",
      "f(); // well",
    ]);
  });
});
