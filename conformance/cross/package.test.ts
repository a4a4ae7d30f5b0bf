// What a stranger gets: the packed tarball, installed in an empty folder, runs the README's example on every runtime.
import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { readExample } from "../house/readme-example.ts";
import { findRuntime, type RuntimeName, runtimeNames } from "../runner/find-runtime.ts";
import { projectRoot } from "../runner/project.ts";

const limitMs = 120_000;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams. */
  readonly output: string;
}

function run(command: string, args: readonly string[], cwd: string): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: limitMs });
  return { code: status, stdout, output: `${stdout}${stderr}${error ?? ""}` };
}

function tool(name: string, ...args: string[]): Ran {
  return run(join(projectRoot, "node_modules", ".bin", name), args, projectRoot);
}

/** A folder with the packed tarball installed, which is removed at the end of the test. */
async function installed(): Promise<AsyncDisposable & { readonly path: string; readonly files: readonly string[] }> {
  const path = await mkdtemp(join(tmpdir(), "headrace-package-"));
  const packed = run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", path], projectRoot);
  if (packed.code !== 0) throw new Error(`npm pack failed:\n${packed.output}`);
  const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
  const app = join(path, "app");
  await mkdir(app);
  await writeFile(join(app, "package.json"), '{ "private": true, "type": "module" }\n');
  const install = run("npm", ["install", "--offline", "--no-audit", "--no-fund", join("..", filename)], app);
  if (install.code !== 0) throw new Error(`npm install of the tarball failed:\n${install.output}`);
  return {
    path: app,
    files: files.map((file) => file.path),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

describe("the package", () => {
  it("holds code, types and sources, and nothing of the suite", async () => {
    await using app = await installed();
    const stray = app.files.filter((path) => /\.test\.|tsconfig|tsbuildinfo|conformance\/|\.map$/.test(path));
    expect(stray).toEqual([]);
    for (const path of ["LICENSE", "README.md", "CHANGELOG.md", "dist/src/mod.js", "dist/src/mod.d.ts", "src/mod.ts"]) {
      expect(app.files).toContain(path);
    }
  });

  it("has every file its manifest names", async () => {
    await using app = await installed();
    const manifest = await readFile(join(projectRoot, "package.json"), "utf8");
    const named = manifest.match(/(?<=": ")\.\/(?:dist|src|transports|runtimes)\/[^"]+(?=")/g) ?? [];
    expect(named.filter((path) => !app.files.includes(path.slice(2)))).toEqual([]);
  });

  it("satisfies publint", () => {
    const ran = tool("publint", "--strict");
    expect(ran.code === 0 ? "" : ran.output).toBe("");
  });

  it("has types that resolve in every mode of an ESM-only package", () => {
    const ran = tool("attw", "--pack", ".", "--profile", "esm-only");
    expect(ran.code === 0 ? "" : ran.output).toBe("");
  });

  it("could be published to JSR", () => {
    const deno = findRuntime("deno");
    if ("missing" in deno) throw new Error(deno.missing);
    const ran = run(deno.command, ["publish", "--dry-run", "--allow-dirty"], projectRoot);
    expect(ran.code === 0 ? "" : ran.output).toBe("");
  });
});

describe("the README's example", () => {
  it("is there, and server and client import the same line", async () => {
    const example = readExample(await readFile(join(projectRoot, "README.md"), "utf8"));
    expect(example.client).toMatch(/from "headrace\/rsocket";/);
    expect(example.server).toMatch(/from "headrace\/rsocket";/);
  });

  it("runs unchanged on every runtime, with the package installed from its tarball", async () => {
    const example = readExample(await readFile(join(projectRoot, "README.md"), "utf8"));
    await using app = await installed();
    await writeFile(join(app.path, "server.js"), example.server);
    await writeFile(join(app.path, "client.js"), example.client);
    const outputs = new Map<RuntimeName, string>();
    for (const name of runtimeNames) outputs.set(name, await runExample(name, app.path));
    const expected = example.output ?? outputs.get("node");
    expect(expected).not.toBe("");
    expect(Object.fromEntries(outputs)).toEqual({ node: expected, deno: expected, bun: expected });
  });
});

/** What the client prints while the server runs beside it on the same runtime. */
async function runExample(name: RuntimeName, cwd: string): Promise<string> {
  const runtime = findRuntime(name);
  if ("missing" in runtime) throw new Error(runtime.missing);
  const args = (file: string) => name === "deno" ? ["run", "--allow-all", file] : [file];
  const server = spawn(runtime.command, args("server.js"), { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name}: the server said nothing\n${said}`)), 20_000);
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        clearTimeout(timer);
        resolve();
      };
      server.stdout.on("data", hear);
      server.stderr.on("data", (chunk: Buffer) => said += chunk.toString());
      server.on("error", reject);
      server.on("exit", (code) => reject(new Error(`${name}: the server ended with code ${code}\n${said}`)));
    });
    const client = spawnSync(runtime.command, args("client.js"), { cwd, encoding: "utf8", timeout: 20_000 });
    if (client.status === 0) return client.stdout;
    throw new Error(`${name}: the client ended with ${client.status}\n${client.stdout}${client.stderr}\n${said}`);
  } finally {
    server.kill("SIGKILL");
  }
}
