// Completes package-lock.json after `npm install`, so that `npm ci` works on every platform. Never fetches anything.
//
// npm may leave other platforms' optional binary packages out of the lockfile; `npm ci` then refuses it ("Missing:
// @deno/darwin-arm64@ from lock file"). The missing entries are optional, exact in version and never fetched on this
// platform, so they can be written from the optionalDependencies of the packages that want them.
import { readFileSync, writeFileSync } from "node:fs";

const file = process.argv[2] ?? "package-lock.json";
const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const otherNames = { windows: "win32", macos: "darwin" };
const processors = {
  x86_64: "x64",
  x64: "x64",
  aarch64: "arm64",
  arm64: "arm64",
  armv7: "arm",
  "arm-": "arm",
  ia32: "ia32",
  loong64: "loong64",
  mips64el: "mips64el",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
};

const lock = JSON.parse(readFileSync(file, "utf8"));
const added = Object.entries(lock.packages).flatMap(([at, entry]) => missingBelow(at, entry));
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, JSON.stringify(lock, null, 2) + "\n");
process.stdout.write(added.length === 0 ? "nothing was missing\n" : `added ${added.length}: ${added.join(", ")}\n`);

/** Adds the platform packages that one package wants and the lockfile lacks. */
function missingBelow(at, entry) {
  const names = [];
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const found = [`node_modules/${name}`, `${at}/node_modules/${name}`].some((key) => key in lock.packages);
    const system = systemOf(name);
    if (found || system === undefined || !/^\d+\.\d+\.\d+\S*$/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = platformEntry(name, version, system, entry);
    names.push(`${name}@${version}`);
  }
  return names;
}

function systemOf(name) {
  const other = Object.keys(otherNames).find((word) => name.includes(word));
  return systems.find((system) => name.includes(system)) ?? otherNames[other];
}

function platformEntry(name, version, system, parent) {
  const word = name.includes("universal") ? undefined : Object.keys(processors).find((one) => name.includes(one));
  return {
    version,
    ...(word === undefined ? {} : { cpu: [processors[word]] }),
    ...(parent.dev ? { dev: true } : {}),
    ...(parent.peer ? { peer: true } : {}),
    optional: true,
    os: [system],
    ...(name.includes("musl") ? { libc: ["musl"] } : {}),
  };
}
