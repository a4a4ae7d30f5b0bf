// Builds dist when a source is newer than the last good build, and does nothing otherwise. Never writes to stdout.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const stamp = join(dist, ".built"); // its time is the start of the last build that found no error
const lock = join(dist, ".building");
const lockAgeMs = 120_000;
const folders = ["src", "transports", "runtimes", "conformance"];
const files = ["package.json", "tsconfig.json", "tsconfig.tests.json", "vitest.config.ts"];

/** Builds if needed; false after errors, which are on stderr. */
export function ensureBuilt() {
  if (isCurrent()) return true;
  mkdirSync(dist, { recursive: true });
  if (!takeLock()) return waitForOther();
  try {
    return build();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function isCurrent() {
  const builtMs = modifiedMs(stamp);
  return builtMs > 0 && files.every((file) => modifiedMs(join(root, file)) <= builtMs) &&
    folders.every((folder) => newestMs(join(root, folder)) <= builtMs);
}

/** The newest time in a folder; the folder's own time tells of removed files. */
function newestMs(folder) {
  if (!existsSync(folder)) return 0;
  let newest = modifiedMs(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestMs(path));
    else if (/\.(ts|json)$/.test(entry.name)) newest = Math.max(newest, modifiedMs(path));
  }
  return newest;
}

function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function build() {
  const start = new Date();
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  if (!existsSync(compiler)) {
    process.stderr.write("headrace: the TypeScript compiler is missing; install it with: npm ci\n");
    return false;
  }
  const { status } = spawnSync(process.execPath, [compiler, "--build"], { cwd: root, stdio: ["ignore", 2, 2] });
  removeOrphans(dist);
  if (status !== 0) return false;
  writeFileSync(stamp, "");
  utimesSync(stamp, start, start);
  return true;
}

/** Removes what was compiled from files that are gone, so that nothing runs or ships without a source. */
function removeOrphans(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeOrphans(path);
    else if (/\.(js|d\.ts|json)$/.test(entry.name)) {
      const source = join(root, relative(dist, path));
      if (!existsSync(source) && !existsSync(source.replace(/\.(js|d\.ts)$/, ".ts"))) rmSync(path);
    }
  }
}

function takeLock() {
  try {
    if (Date.now() - modifiedMs(lock) > lockAgeMs) rmSync(lock, { recursive: true, force: true });
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

/** Another process builds the same tree now: its result is ours. */
function waitForOther() {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(lock) && Date.now() - modifiedMs(lock) < lockAgeMs) Atomics.wait(pause, 0, 0, 50);
  return ensureBuilt();
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  process.exitCode = ensureBuilt() ? 0 : 1;
}
