// The cells of the main job: each client fetches the file from each server over each transport. It judges, and prints nothing.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { TlsOptions } from "../src/contract/link.ts";
import { textAt } from "./agent/fields.ts";
import { makeCertificates } from "./certificates/certificates.ts";
import { type Agent, startAgent } from "./runner/agents.ts";
import { type RuntimeName, runtimeNames } from "./runner/find-runtime.ts";

/** The transports that exist. A later one adds a row. */
export const transports: readonly TransportRow[] = [
  { name: "tcp", listenUrl: "tcp://127.0.0.1:0" },
  { name: "tls", listenUrl: "tls://127.0.0.1:0" },
  { name: "ws", listenUrl: "ws://127.0.0.1:0/headrace" },
  { name: "wss", listenUrl: "wss://127.0.0.1:0/headrace" },
];

interface TransportRow {
  readonly name: string;
  readonly listenUrl: string;
}

/** What each side is handed of TLS. Both show a certificate, and each checks the other's. */
interface Material {
  readonly server: TlsOptions;
  readonly client: TlsOptions;
}

/** One cell as it ended. */
export interface CellResult {
  readonly client: RuntimeName;
  readonly server: RuntimeName;
  readonly transport: string;
  readonly verdict: "pass" | "fail";
  readonly bytes: number;
  readonly seconds: number;
  readonly sha256ok: boolean;
  /** Most bytes that had arrived and were not consumed. */
  readonly peakHeldBytes: number;
  readonly reason?: string;
}

/** Who hears how it goes. */
export interface CellListener {
  begin(title: string, bytes: number): void;
  advance(bytes: number): void;
  end(result: CellResult): void;
}

/** What is fetched. */
export interface ServedFile {
  readonly path: string;
  readonly bytes: number;
}

const chunkBytes = 65_536;
/** More than this held in one client at a time fails the cell: then request-n did not reach the file. */
const mostHeldBytes = 8 * 1_048_576 + chunkBytes;
const leastBytesPerMs = 2_000;

/** An agent, or why there is none. */
type Started = Agent | { readonly reason: string };

/** The agents of a run: one server and one client on each runtime. */
export class Fleet {
  readonly #servers: Map<RuntimeName, Started> = new Map();
  readonly #clients: Map<RuntimeName, Started> = new Map();
  #stopped = false;

  /** Starts all of them. A runtime that is missing is a reason, not a throw. */
  async start(): Promise<void> {
    await Promise.all(runtimeNames.flatMap((name) =>
      [this.#servers, this.#clients].map(async (agents) => {
        const started = await startAgent(name).catch((error: Error) => ({ reason: error.message }));
        agents.set(name, started);
        if (this.#stopped && "call" in started) started.kill("SIGKILL");
      })
    ));
  }

  server(name: RuntimeName): Started {
    return this.#servers.get(name) ?? { reason: "not started" };
  }

  client(name: RuntimeName): Started {
    return this.#clients.get(name) ?? { reason: "not started" };
  }

  /** Ends all of them in order. Each line is something an agent left behind. */
  async stop(): Promise<string[]> {
    const agents = [["server", this.#servers] as const, ["client", this.#clients] as const]
      .flatMap(([role, started]) => [...started.values()].map((one) => [role, one] as const));
    const left = await Promise.all(agents.map(async ([role, agent]) => {
      if (!("call" in agent)) return [];
      const last = await agent.stop();
      const who = `${role} on ${agent.name}`;
      if (last === undefined) return [`${who}: ended without a bye: ${agent.failure?.message ?? ""}`];
      const { openConnections, openStreams, timers } = last;
      if (openConnections + openStreams + timers === 0) return [];
      return [`${who}: left ${openConnections} connections, ${openStreams} streams, ${timers} timers`];
    }));
    return left.flat();
  }

  /** Ends all of them at once. */
  kill(): void {
    this.#stopped = true;
    for (const agent of [...this.#servers.values(), ...this.#clients.values()]) {
      if ("call" in agent) agent.kill("SIGKILL");
    }
  }
}

/** Runs every cell, one after the other so that each has both cores. */
export async function runCells(
  fleet: Fleet,
  file: ServedFile,
  listener: CellListener,
  signal: AbortSignal,
): Promise<CellResult[]> {
  const expected = await sha256Of(file.path);
  const { ca, server: serverPair, client: clientPair } = await makeCertificates();
  const material: Material = { server: { ca, ...serverPair }, client: { ca, ...clientPair } };
  const results: CellResult[] = [];
  for (const transport of transports) {
    for (const server of runtimeNames) {
      const url = await listen(fleet.server(server), transport.listenUrl, file, material.server);
      for (const client of runtimeNames) {
        if (signal.aborted) return results;
        listener.begin(`${client} <- ${server} over ${transport.name}`, file.bytes);
        const from = { url, tls: material.client };
        const fetched = await fetchFile(fleet.client(client), from, file, (bytes) => listener.advance(bytes));
        if (signal.aborted) return results; // what the interruption did is no result
        const result = { client, server, transport: transport.name, ...judge(fetched, file.bytes, expected) };
        results.push(result);
        listener.end(result);
      }
    }
  }
  return results;
}

async function listen(
  agent: Started,
  listenUrl: string,
  file: ServedFile,
  tls: TlsOptions,
): Promise<string | { reason: string }> {
  if (!("call" in agent)) return agent;
  try {
    const files = { [basename(file.path)]: file.path };
    return textAt(await agent.call("listen", { url: listenUrl, files, tls }), "url");
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

interface Fetched {
  readonly bytes: number;
  readonly seconds: number;
  readonly sha256: string;
  readonly peakHeldBytes: number;
}

async function fetchFile(
  agent: Started,
  { url, tls }: { readonly url: string | { reason: string }; readonly tls: TlsOptions },
  file: ServedFile,
  onProgress: (bytes: number) => void,
): Promise<Fetched | { reason: string }> {
  if (!("call" in agent)) return agent;
  if (typeof url !== "string") return url;
  const deadlineMs = 10_000 + Math.ceil(file.bytes / leastBytesPerMs);
  const params = { name: basename(file.path), chunkBytes };
  try {
    const run = { case: "fetch", url, params, deadlineMs, tls };
    return await agent.call("run", run, { deadlineMs: deadlineMs + 1_000, onProgress }) as unknown as Fetched;
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

type Judged = Omit<CellResult, "client" | "server" | "transport">;

function judge(fetched: Fetched | { reason: string }, bytes: number, sha256: string): Judged {
  if ("reason" in fetched) {
    return { verdict: "fail", bytes: 0, seconds: 0, sha256ok: false, peakHeldBytes: 0, reason: fetched.reason };
  }
  const measured = {
    bytes: fetched.bytes,
    seconds: fetched.seconds,
    sha256ok: fetched.sha256 === sha256,
    peakHeldBytes: fetched.peakHeldBytes,
  };
  const reasons = [
    ...(fetched.bytes === bytes ? [] : [`${fetched.bytes} bytes arrived of ${bytes}`]),
    ...(measured.sha256ok ? [] : ["the SHA-256 differs"]),
    ...(fetched.peakHeldBytes <= mostHeldBytes ? [] : [`held ${fetched.peakHeldBytes} bytes, over ${mostHeldBytes}`]),
  ];
  return reasons.length === 0
    ? { verdict: "pass", ...measured }
    : { verdict: "fail", ...measured, reason: reasons.join("; ") };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
