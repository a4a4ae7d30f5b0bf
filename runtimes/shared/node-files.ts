/**
 * Reading files over node:fs, for Node, Deno and Bun. It never holds more of a file than one chunk, and never writes.
 *
 * @module
 */
import { type FileHandle, open, stat } from "node:fs/promises";
import type { Files } from "../../src/contract/runtime.ts";
import { fileError } from "./node-errors.ts";

/** The files capability. Failures are UsageErrors that name the path. */
export const nodeFiles: Files = {
  async size(path) {
    return (await orFileError(path, stat(path))).size;
  },

  async *read(path, chunkBytes) {
    const file: FileHandle = await orFileError(path, open(path));
    try {
      for (;;) {
        const chunk = new Uint8Array(chunkBytes);
        const { bytesRead } = await orFileError(path, file.read(chunk, 0, chunkBytes));
        if (bytesRead === 0) return;
        yield bytesRead === chunkBytes ? chunk : chunk.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  },
};

async function orFileError<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fileError(error, path);
  }
}
