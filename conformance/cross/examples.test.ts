// The examples run as they are on every runtime, against the built package, and print what their first comment says.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { findRuntime, type RuntimeName, runtimeNames } from "../runner/find-runtime.ts";
import { filesBelow, projectRoot } from "../runner/project.ts";

const limitMs = 30_000;
const paths = filesBelow("examples", (path) => path.endsWith(".js"));
const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");

/** What the first comment says the example prints. Throws where it says nothing. */
function expectedOutput(path: string, text: string): string {
  const head = /^(?:\/\/.*\n)+/.exec(text)?.[0] ?? "";
  const [, block] = head.split("// It prints:\n//\n");
  if (block === undefined) throw new Error(`${path}: its first comment has no "It prints:" with lines under it`);
  return block.replaceAll(/^\/\/ {0,3}/gm, "");
}

/** Every runtime, but for an example of one host's own, whose first comment says so. */
function runtimesOf(text: string): readonly RuntimeName[] {
  const only = /^\/\/ It runs on: (.+)$/m.exec(text)?.[1]?.split(", ");
  return runtimeNames.filter((name) => only === undefined || only.includes(name));
}

/** The example as one program of the runtime, from inside the project, where "headrace/…" means the built package. */
function run(name: RuntimeName, path: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const runtime = findRuntime(name);
  if ("missing" in runtime) throw new Error(runtime.missing);
  const args = name === "deno" ? ["run", "--allow-all", "--no-check", path] : [path];
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  return new Promise((resolve, reject) => {
    const child = spawn(runtime.command, args, { cwd: projectRoot, env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    const timer = setTimeout(() => {
      stderr += `\nit did not end by itself within ${limitMs} ms`;
      child.kill("SIGKILL");
    }, limitMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
    child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

describe("the examples", () => {
  it("are there, and each runs somewhere", () => {
    expect(paths.length).toBeGreaterThan(9);
    expect(paths.filter((path) => runtimesOf(read(path)).length === 0)).toEqual([]);
    expect(runtimesOf("// A.\n// It runs on: node, bun\n")).toEqual(["node", "bun"]);
  });

  it("hold for the type checker", () => {
    const compiler = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
    const options = { cwd: projectRoot, encoding: "utf8", timeout: 60_000 } as const;
    const { stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", "examples"], options);
    expect(`${stdout}${stderr}`).toBe("");
  });

  it("import nothing but headrace, so that one file runs everywhere", () => {
    const everywhere = paths.filter((path) => runtimesOf(read(path)).length === runtimeNames.length);
    expect(everywhere.length).toBeGreaterThan(9);
    const specifiers = everywhere.flatMap((path) =>
      [...read(path).matchAll(/(?:from|import|import\()\s*"([^"]+)"/g)].map(([, specifier]) => `${path}: ${specifier}`)
    );
    expect(specifiers.filter((line) => !/: headrace(\/[a-z/]+)?$/.test(line))).toEqual([]);
  });

  it("are listed in examples/README.md, each once", () => {
    const listed = [...read("examples/README.md").matchAll(/\]\(([a-z-]+\.js)\)/g)].map(([, name]) =>
      `examples/${name}`
    );
    expect(listed.toSorted()).toEqual([...paths]);
  });

  it("say what they print, or it is an error", () => {
    expect(expectedOutput("a.js", "// A.\n//\n// It prints:\n//\n//   one\n//\n//     two\nf();\n//   three\n"))
      .toBe("one\n\n  two\n");
    expect(() => expectedOutput("a.js", "// A.\nf();\n// It prints:\n//\n//   one\n")).toThrow(
      "a.js: its first comment",
    );
  });

  for (const path of paths) {
    for (const name of runtimesOf(read(path))) {
      it(`${path} on ${name}`, async () => {
        expect(await run(name, path)).toEqual({ code: 0, stdout: expectedOutput(path, read(path)), stderr: "" });
      });
    }
  }
});

describe("the README", () => {
  const blocks = [...read("README.md").matchAll(/\n```js (examples\/[^\n]+)\n([^]*?)\n```\n/g)];

  it("shows examples", () => {
    expect(blocks.length).toBeGreaterThan(1);
  });

  for (const [, path = "", block = ""] of blocks) {
    it(`shows ${path} as it is`, () => {
      expect(existsSync(join(projectRoot, path))).toBe(true);
      expect(`${block}\n`).toBe(read(path));
    });
  }
});
