// Holds package.json and deno.json equal where both say the same thing. Pure functions over the parsed files.

/** The parts of package.json that are compared. */
export interface PackageManifest {
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly imports: {
    readonly "#runtime": {
      readonly types: string;
      readonly "headrace-source": Readonly<Record<string, string>>;
      readonly [host: string]: string | Readonly<Record<string, string>>;
    };
  };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
}

/** The parts of deno.json that are compared. */
export interface DenoManifest {
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
}

/** Each line is one difference, or one entry of package.json that does not follow from its source path. */
export function manifestViolations(npm: PackageManifest, deno: DenoManifest): string[] {
  const found: string[] = [];
  if (npm.version !== deno.version) found.push(`version: package.json ${npm.version}, deno.json ${deno.version}`);
  if (npm.license !== deno.license) found.push(`license: package.json ${npm.license}, deno.json ${deno.license}`);
  if (npm.dependencies !== undefined) found.push("package.json: the package has no dependencies");
  for (const [name, version] of Object.entries(npm.devDependencies)) {
    if (!/^\d/.test(version)) found.push(`devDependencies: ${name} is not an exact version: ${version}`);
  }
  return [...found, ...exportViolations(npm, deno), ...npmSpecifierViolations(npm, deno), ...runtimeViolations(npm)];
}

/** Where the default runtime of each host is, in the order hosts are asked: Deno and Bun answer to "node" too. */
export function runtimeSources(npm: PackageManifest): Readonly<Record<string, string>> {
  return npm.imports["#runtime"]["headrace-source"];
}

function runtimeViolations(npm: PackageManifest): string[] {
  const { types: _types, "headrace-source": sources, ...built } = npm.imports["#runtime"];
  const expected = Object.entries(sources).map(([host, source]) => [host, builtFrom(source, ".js")]);
  const wanted = JSON.stringify(Object.fromEntries(expected));
  return JSON.stringify(built) === wanted ? [] : [`imports: #runtime in package.json should end in ${wanted}`];
}

function builtFrom(source: string, extension: ".js" | ".d.ts"): string {
  return source.replace(/^\.\//, "./dist/").replace(/\.ts$/, extension);
}

function exportViolations(npm: PackageManifest, deno: DenoManifest): string[] {
  const found: string[] = [];
  const names = new Set([...Object.keys(npm.exports), ...Object.keys(deno.exports)]);
  names.delete("./package.json");
  for (const name of names) {
    const entry = npm.exports[name];
    const source = deno.exports[name];
    if (name.includes("*")) found.push(`exports: ${name} is a wildcard`);
    if (source === undefined || entry === undefined) {
      found.push(`exports: ${name} is only in ${source === undefined ? "package.json" : "deno.json"}`);
      continue;
    }
    const [types, code] = [builtFrom(source, ".d.ts"), builtFrom(source, ".js")];
    const expected = { "headrace-source": source, types, default: code };
    if (JSON.stringify(entry) !== JSON.stringify(expected)) {
      found.push(`exports: ${name} in package.json should be ${JSON.stringify(expected)}`);
    }
  }
  return found;
}

/** What deno.json takes from npm has the version that package.json installs. */
function npmSpecifierViolations(npm: PackageManifest, deno: DenoManifest): string[] {
  return Object.values(deno.imports).flatMap((target) => {
    const [, name, version] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target) ?? [];
    if (name === undefined || npm.devDependencies[name] === version) return [];
    return [`imports: deno.json takes ${name} ${version}, package.json ${npm.devDependencies[name]}`];
  });
}
