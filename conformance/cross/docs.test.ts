// Every public symbol has a doc comment, and shows no type that its readers cannot name: `deno doc --lint` over all
// entries of the package. It never judges what a comment says.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, expect, it } from "#test";
import { findRuntime, runtimeNames } from "../runner/find-runtime.ts";
import { projectRoot } from "../runner/project.ts";

/**
 * What is known to be missing, without line numbers, and why. A line that no longer applies is to be taken out.
 * The frames: `headrace/rsocket/protocol` names the union of them and not each. Mounting: its files are being made.
 */
const holes: readonly string[] = [
  "runtimes/bun/websocket-server.ts: public type 'WebSocketMount[\"upgrade\"]' references private type 'BunServer'",
  "runtimes/bun/websocket-server.ts: public type 'WebSocketMount[\"websocket\"]' references private type 'BunWebSocketHandlers'",
  "runtimes/bun/websocket-server.ts: public type 'WebSocketMount[\"websocket\"]' references private type 'BunWebSocketLink'",
  "runtimes/deno/upgrade.ts: exported symbol is missing JSDoc documentation",
  "runtimes/shared/ws-server.ts: exported symbol is missing JSDoc documentation",
  "runtimes/shared/ws-server.ts: public type 'UpgradingServer[\"on\"]' references private type 'Upgrade'",
  ...[
    "CancelFrame",
    "ErrorFrame",
    "ExtFrame",
    "KeepaliveFrame",
    "LeaseFrame",
    "MetadataPushFrame",
    "PayloadFrame",
    "RequestChannelFrame",
    "RequestFrame",
    "RequestNFrame",
    "RequestStreamFrame",
    "ResumeFrame",
    "ResumeOkFrame",
  ].map((name) => `src/rsocket/frame.ts: public type 'Frame' references private type '${name}'`),
  "src/rsocket/frame.ts: public type 'SetupFrame' references private type 'WithPayload'",
];

/** What is missing in these modules: "path:line: what". Linted together, so that they may show each other's types. */
function lint(entries: readonly string[]): string[] {
  const deno = findRuntime("deno");
  if ("missing" in deno) throw new Error(deno.missing);
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const options = { cwd: projectRoot, env, encoding: "utf8", timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(deno.command, ["doc", "--lint", ...entries], options);
  const errors = [...stderr.matchAll(/^error\[[^\]]+\]: (.+)\n +--> (.+):(\d+):\d+$/gm)];
  if ((status === 0) !== (errors.length === 0)) {
    throw new Error(`deno doc --lint ended with ${status}, which its output does not explain:\n${stdout}${stderr}`);
  }
  return errors.map(([, what, path = "", line]) =>
    `${relative(projectRoot, path).split(sep).join("/")}:${line}: ${what}`
  );
}

/** The code block of a Markdown text that begins with this line. Throws where there is none. */
function block(markdown: string, info: string): string {
  const text = new RegExp(`\\n\`\`\`${info}\\n([^]*?\\n)\`\`\`\\n`).exec(markdown)?.[1];
  if (text === undefined) throw new Error(`src/README.md has no code block that starts with \`\`\`${info}`);
  return text;
}

describe("the documentation", () => {
  it("is there for every public symbol", () => {
    const { exports } = JSON.parse(readFileSync(join(projectRoot, "deno.json"), "utf8")) as {
      exports: Record<string, string>;
    };
    const found = lint(Object.values(exports));
    const withoutLine = (one: string) => one.replace(/:\d+: /, ": ");
    const advice = "write a /** … */ above each of these, and export the types that public ones show";
    expect(found.filter((one) => !holes.includes(withoutLine(one))).toSorted().join("\n"), advice).toBe("");
    const known = new Set(found.map(withoutLine));
    const mended = "these are no longer missing; take them out of the list of holes in this file";
    expect(holes.filter((hole) => !known.has(hole)).join("\n"), mended).toBe("");
  });

  it("is missed where it is missing", () => {
    const folder = mkdtempSync(join(projectRoot, "dist", "docs-"));
    try {
      const path = join(folder, "planted.ts");
      writeFileSync(path, "/** A. */\nexport const a: number = 1;\nexport const b: number = 2;\n");
      expect(lint([path]).map((one) => one.replace(/^.*\//, ""))).toEqual([
        "planted.ts:3: exported symbol is missing JSDoc documentation",
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("the integrator's guide in src/README.md", () => {
  const guide = readFileSync(join(projectRoot, "src", "README.md"), "utf8");

  it("runs a machine on its own sockets in less than 50 lines", () => {
    expect(block(guide, "js machine.js").split("\n").length - 1).toBeLessThan(50);
  });

  for (const name of runtimeNames) {
    it(`works on ${name}`, () => {
      const runtime = findRuntime(name);
      if ("missing" in runtime) throw new Error(runtime.missing);
      const folder = mkdtempSync(join(projectRoot, "dist", "guide-"));
      try {
        const path = join(folder, "machine.mjs");
        writeFileSync(path, block(guide, "js machine.js"));
        const args = name === "deno" ? ["run", "--allow-all", "--no-check", path] : [path];
        const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
        const options = { cwd: projectRoot, env, encoding: "utf8", timeout: 30_000 } as const;
        const { status, stdout, stderr } = spawnSync(runtime.command, args, options);
        expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: block(guide, "text output"), stderr: "" });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
