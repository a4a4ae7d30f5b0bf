// The files capability, on the three hosts that have it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { UsageError } from "../../src/contract/errors.ts";
import { nodeFiles } from "./node-files.ts";

async function withFile(content: Uint8Array, run: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "headrace-files-"));
  try {
    const path = join(folder, "file");
    await writeFile(path, content);
    await run(path, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("files", () => {
  it("are read in chunks that the reader may keep", () =>
    withFile(new Uint8Array(2_500).map((_, n) => n % 251), async (path) => {
      expect(await nodeFiles.size(path)).toBe(2_500);
      const chunks: Uint8Array[] = [];
      for await (const chunk of nodeFiles.read(path, 1_000)) chunks.push(chunk);
      expect(chunks.map((chunk) => chunk.length)).toEqual([1_000, 1_000, 500]);
      expect(chunks.flatMap((chunk) => [...chunk]).every((byte, n) => byte === n % 251)).toBe(true);
      expect(new Set(chunks.map((chunk) => chunk.buffer)).size).toBe(3);
    }));

  it("may be empty, and may be left half read", () =>
    withFile(new Uint8Array(0), async (path) => {
      for await (const chunk of nodeFiles.read(path, 10)) expect(chunk).toBeUndefined();
      await writeFile(path, new Uint8Array(100));
      for await (const chunk of nodeFiles.read(path, 10)) {
        expect(chunk).toHaveLength(10);
        break;
      }
    }));

  it("that are missing or folders are the caller's mistake", () =>
    withFile(new Uint8Array(1), async (path, folder) => {
      await expect(nodeFiles.size(`${path}.not`)).rejects.toThrow("there is no such file");
      await expect(nodeFiles.read(`${path}.not`, 10)[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(UsageError);
      await expect(nodeFiles.read(folder, 10)[Symbol.asyncIterator]().next()).rejects.toThrow("it is a directory");
    }));
});
