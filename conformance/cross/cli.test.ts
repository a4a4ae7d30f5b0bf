// The command `headrace` as a process: what was built on Node, the sources on Deno and Bun. The same words and lines give
// the same text and the same status on all three, and a closed pipe ends it quietly.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { findRuntime, type RuntimeName, runtimeNames } from "../runner/find-runtime.ts";
import { projectRoot } from "../runner/project.ts";
import { vectorsOf } from "../vectors/rsocket.ts";

const programs: Readonly<Record<RuntimeName, readonly string[]>> = {
  node: ["dist/runtimes/node/cli.js"],
  deno: ["run", "-A", "--no-check", "runtimes/deno/cli.ts"],
  bun: ["--conditions=headrace-source", "runtimes/bun/cli.ts"],
};

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

interface HowToRun {
  readonly input: string;
  /** Close standard input only after so many bytes of output; without it at once. */
  readonly endAfterBytes?: number;
  /** Close standard output after so many bytes, as `head` does. */
  readonly readBytes?: number;
  /** Begin to read standard output so late. */
  readonly readAfterMs?: number;
}

/** Runs the command in a process of its own, with a time limit of 60 s. */
function headrace(runtime: RuntimeName, words: string, how: HowToRun): Promise<Ran> {
  const { input, endAfterBytes = 0, readBytes = Infinity, readAfterMs = 0 } = how;
  const found = findRuntime(runtime);
  if ("missing" in found) throw new Error(found.missing);
  const args = [...programs[runtime], ...words.split(" ").filter((word) => word !== "")];
  return new Promise((resolve, reject) => {
    const child = spawn(found.command, args, {
      cwd: projectRoot,
      timeout: 60_000,
      env: { ...process.env, NO_COLOR: "1" },
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8");
    child.stderr.setEncoding("utf8").on("data", (text: string) => err += text);
    const read = () =>
      child.stdout.on("data", (text: string) => {
        out += text;
        if (out.length >= endAfterBytes) child.stdin.end();
        if (out.length >= readBytes) child.stdout.destroy();
      });
    setTimeout(read, readAfterMs);
    child.stdin.on("error", () => {}); // the process may end before it has read everything
    child.stdin.write(input);
    if (endAfterBytes === 0) child.stdin.end();
    child.on("error", reject).on("close", (status) => resolve({ status, out, err }));
  });
}

const vectors = vectorsOf("frame");
const hex = vectors.map((one) => `${one.hex}\n`).join("");
const cancel = { type: "CANCEL", fields: { stream_id: 1 } };
const json = (text: string): unknown[] => text.trimEnd().split("\n").map((line): unknown => JSON.parse(line));

for (const runtime of runtimeNames) {
  describe(`headrace on ${runtime}`, () => {
    it(`decodes ${vectors.length} frames to their fields, and encodes those to the same bytes`, async () => {
      const decoded = await headrace(runtime, "frame decode", { input: hex });
      expect([decoded.status, decoded.err]).toEqual([0, ""]);
      expect(json(decoded.out)).toEqual(vectors.map(({ type, fields }) => ({ type, fields })));
      expect(decoded.out).toContain('"position":9223372036854775807,"position_str":"9223372036854775807"');

      const fields = vectors.map(({ type, fields: of }) => `${JSON.stringify({ type, fields: of })}\n`).join("");
      expect(await headrace(runtime, "frame encode", { input: fields })).toEqual({ status: 0, out: hex, err: "" });
      const exact = decoded.out.replaceAll(/,"\w+_str":"\d+"/g, "");
      expect(await headrace(runtime, "frame encode", { input: exact })).toEqual({ status: 0, out: hex, err: "" });
      console.log(`headrace on ${runtime}: ${vectors.length}/${vectors.length} frames both ways`);
    });

    it("puts an error line in the place of a bad one, goes on, and exits with 1", async () => {
      const input = "000000012400\r\nnot hex\n\n 0000 \n00000001240";
      const { status, out, err } = await headrace(runtime, "frame decode", { input: `${input}0` });
      expect([status, err]).toEqual([1, ""]);
      expect(json(out)).toEqual([
        cancel,
        { error: { code: "bad-argument", message: "Not hexadecimal at character 1", line: 2 } },
        { error: { code: "frame-malformed", message: "Cannot decode the frame: truncated at byte 2", line: 4 } },
        cancel,
      ]);
      const encoded = await headrace(runtime, "frame encode", { input: `{\n${JSON.stringify(cancel)}` });
      const error = '{"error":{"code":"bad-argument","message":"The line is not JSON","line":1}}';
      expect(encoded).toEqual({ status: 1, out: `${error}\n000000012400\n`, err: "" });
    });

    it("knows its version and its words", async () => {
      const versions = ["package.json", "deno.json"].map((file) => {
        return (JSON.parse(readFileSync(join(projectRoot, file), "utf8")) as { version: string }).version;
      });
      const { status, out } = await headrace(runtime, "--version", { input: "00" });
      expect([status, out, out]).toEqual([0, ...versions.map((version) => `${version}\n`)]);
      expect(await headrace(runtime, "--help", { input: "00" })).toMatchObject({ status: 0, err: "" });
      for (const words of ["", "frame", "bogus", "frame decode more"]) {
        const refused = await headrace(runtime, words, { input: "00" });
        expect([refused.status, refused.out], words).toEqual([2, ""]);
        expect(refused.err, words).toContain("Usage: headrace");
      }
    });

    it("ends quietly when nobody reads its output", async () => {
      const much = "000000012400\n".repeat(200_000);
      const { status, out, err } = await headrace(runtime, "frame decode", { input: much, readBytes: 10 });
      expect([status, err]).toEqual([0, ""]);
      expect(out.startsWith(`${JSON.stringify(cancel)}\n`)).toBe(true);
      expect(out.length).toBeLessThan(8_000_000);
    });

    it("answers what came before its input ends", async () => {
      const out = `${JSON.stringify(cancel)}\n`.repeat(50);
      const ran = await headrace(runtime, "frame decode", {
        input: "000000012400\n".repeat(50),
        endAfterBytes: out.length,
      });
      expect(ran).toEqual({ status: 0, out, err: "" });
    });

    const full = "/dev/full"; // a device that takes no byte
    const test = existsSync(full) ? it : it.skipBecause.bind(it, `no ${full} here`);
    test("says in one line that its output fails", async () => {
      const found = findRuntime(runtime);
      if ("missing" in found) throw new Error(found.missing);
      const output = openSync(full, "w");
      const args = [...programs[runtime], "frame", "decode"];
      const { status, stderr } = spawnSync(found.command, args, {
        cwd: projectRoot,
        input: "000000012400\n",
        stdio: ["pipe", output, "pipe"],
        encoding: "utf8",
        timeout: 60_000,
      });
      closeSync(output);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^headrace: .*no space left.*\n$/i);
    });

    it("loses nothing for a slow reader", async () => {
      const ran = await headrace(runtime, "frame decode", {
        input: "000000012400\n".repeat(100_000),
        readAfterMs: 500,
      });
      expect([ran.status, ran.err, ran.out.length]).toEqual([0, "", 100_000 * 43]);
    });
  });
}
