// The agent's host by way of node:process, which Node, Deno and Bun all have. Nothing else of the agent names a host.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Runtime } from "../../src/contract/runtime.ts";
import { projectRoot } from "../runner/project.ts";
import type { AgentHost, IncrementalHash } from "./host.ts";

/** What differs between the three. */
export interface HostLines {
  readonly runtime: Runtime;
  readonly runtimeVersion: string;
  readonly gc: (() => void) | undefined;
}

/** Standard input and output, and what node:process tells of this process. */
export function processHost(lines: HostLines): AgentHost {
  // Standard output carries the protocol and nothing else, whatever a library may print.
  console.log = console.info = console.debug = console.error;
  return {
    runtime: lines.runtime,
    version: packageVersion(),
    runtimeVersion: lines.runtimeVersion,
    os: `${process.platform}-${process.arch}`,
    input: process.stdin,
    write: (line) => new Promise((resolve) => process.stdout.write(line + "\n", () => resolve())),
    exit: (code) => process.exit(code),
    memory() {
      const { rss, heapUsed } = process.memoryUsage();
      return { rss, heap: heapUsed };
    },
    sockets: countSockets,
    ...(lines.gc === undefined ? {} : { gc: lines.gc }),
    sha256,
    onFatal(report) {
      process.on("unhandledRejection", (error) => report("unhandledRejection", error));
      process.on("uncaughtException", (error) => report("uncaughtException", error));
    },
  };
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return version;
}

function sha256(): IncrementalHash {
  const hash = createHash("sha256");
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest("hex"),
  };
}

/**
 * Linux lists the open files of a process, and which sockets are internet ones. The others are the host's own: standard
 * input and output, and what it wakes itself with.
 */
function countSockets(): number | undefined {
  let names: string[];
  const internet = new Set<string>();
  try {
    names = readdirSync("/proc/self/fd");
    for (const table of ["tcp", "tcp6", "udp", "udp6"]) {
      const rows = readFileSync(`/proc/self/net/${table}`, "utf8").split("\n").slice(1);
      for (const row of rows) internet.add(row.trim().split(/\s+/)[inodeColumn] ?? "");
    }
  } catch {
    return undefined;
  }
  const inodes = names.map((name) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${name}`))?.[1];
    } catch {
      return undefined; // it was the listing's own
    }
  });
  return new Set(inodes.filter((inode) => inode !== undefined && internet.has(inode))).size;
}

const inodeColumn = 9;
