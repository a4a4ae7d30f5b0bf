// What a page gets: the built package, bundled by esbuild as an application's bundler would. It judges nothing.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile, type Platform } from "esbuild";
import { projectRoot } from "../runner/project.ts";

/** A bundle, and what esbuild says went into it. */
export interface Bundle {
  readonly text: string;
  readonly metafile: Metafile;
  readonly bytes: number;
  readonly gzipBytes: number;
}

const folder = join(projectRoot, "dist", "conformance", "browser");

/** Bundles a program that imports "headrace/browser". Nothing is left outside: an import of a host fails here. */
export async function bundle(program: string, platform: Platform): Promise<Bundle> {
  checkBuilt();
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: projectRoot, sourcefile: "page.js" },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    platform,
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild gave no file");
  return { text: file.text, metafile, bytes: file.contents.length, gzipBytes: gzipSync(file.contents).length };
}

/** Bundles page.ts into dist, so that it can be looked at, and gives its text. */
export async function bundlePage(): Promise<string> {
  checkBuilt();
  const outfile = join(folder, "page.bundle.mjs");
  const entryPoints = [join(folder, "page.js")];
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "browser", logLevel: "silent" });
  return await readFile(outfile, "utf8");
}

function checkBuilt(): void {
  if (!existsSync(folder)) throw new Error("dist is missing; build it with: npm run build");
}
