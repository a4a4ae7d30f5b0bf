// Starts agents and speaks the process protocol with them. The only code of the suite that starts them; it judges nothing.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { JsonObject } from "../agent/fields.ts";
import { linesOf } from "../agent/lines.ts";
import { type Answer, parseAgentMessage, protocolVersion, type Stats } from "../agent/protocol.ts";
import { findRuntime, type RuntimeName } from "./find-runtime.ts";
import { projectRoot } from "./project.ts";

/** How an agent ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The answer was `error` or `unsupported`, or there was none. */
export class AgentError extends Error {
  override name = "AgentError";
  /** The code of the agent's error, "unsupported", "deadline", "fatal" or "exited". */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What the orchestrator may do with an agent. */
export interface CallOptions {
  readonly deadlineMs?: number;
  /** Hears the `progress` of this call. */
  readonly onProgress?: (bytes: number) => void;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: AgentError) => void;
  readonly onProgress: ((bytes: number) => void) | undefined;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const startMs = 15_000;
const defaultCallMs = 15_000;
const exitMs = 3_000;
const keptLines = 200;

/** Starts an agent on a runtime and waits for its hello. Rejects with a message that names what is missing. */
export async function startAgent(name: RuntimeName): Promise<Agent> {
  const runtime = findRuntime(name);
  if ("missing" in runtime) throw new AgentError("missing-runtime", runtime.missing);
  const args = argumentsFor(name);
  // A group of its own: Ctrl-C reaches only the orchestrator, and a runtime behind a launcher ends with its launcher.
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" }; // it would open sockets that are not the library's
  const stdio: ["pipe", "pipe", "pipe"] = ["pipe", "pipe", "pipe"];
  const child = spawn(runtime.command, args, { cwd: projectRoot, env, detached: true, stdio });
  const agent = new Agent(name, runtime.version, child);
  try {
    await agent.call("hello", {}, { deadlineMs: startMs });
    return agent;
  } catch (error) {
    agent.kill("SIGKILL");
    await agent.exited;
    throw error;
  }
}

function argumentsFor(name: RuntimeName): string[] {
  const folder = join(projectRoot, "conformance", "agent");
  switch (name) {
    case "node": {
      const program = join(projectRoot, "dist", "conformance", "agent", "node.js");
      if (!existsSync(program)) throw new AgentError("not-built", "dist is missing; build it with: npm run build");
      return ["--expose-gc", program];
    }
    case "deno":
      return ["run", "--allow-all", "--no-check", "--quiet", "--v8-flags=--expose-gc", join(folder, "deno.ts")];
    case "bun":
      return ["--conditions=headrace-source", join(folder, "bun.ts")];
  }
}

/** One agent process. Everything is bounded: each call by its deadline, the end by a kill of this very process. */
export class Agent {
  readonly name: RuntimeName;
  readonly version: string;
  /** Settles once, when the process is gone. */
  readonly exited: Promise<Exit>;
  readonly #child: Child;
  readonly #waiting: Map<number, Waiting> = new Map();
  readonly #stderr: string[] = [];
  #calls = 0;
  #gone: AgentError | undefined;

  constructor(name: RuntimeName, version: string, child: Child) {
    this.name = name;
    this.version = version;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.on("error", (error) => {
        this.#fail("exited", error.message);
        resolve({ code: null, signal: null });
      });
      child.on("close", (code, signal) => {
        this.#fail("exited", `ended with ${signal ?? `code ${code}`}`);
        resolve({ code, signal });
      });
    });
    child.stdin.on("error", () => {}); // told by its exit
    void this.#readAnswers();
    void this.#readStderr();
  }

  /** The first thing that went wrong with the process itself, or its end; undefined while it lives. */
  get failure(): AgentError | undefined {
    return this.#gone;
  }

  /** The last lines of its log. */
  get stderrTail(): string {
    return this.#stderr.join("\n");
  }

  /** The `ok` of the answer. Rejects with an AgentError otherwise, at the latest at the deadline. */
  async call(op: string, params: JsonObject = {}, options: CallOptions = {}): Promise<JsonObject> {
    const answer = await this.ask(op, params, options);
    if ("ok" in answer) return answer.ok;
    if ("error" in answer) throw new AgentError(answer.error.code ?? "error", `${this.name}: ${answer.error.message}`);
    const { feature, reason = "not there" } = answer.unsupported;
    throw new AgentError("unsupported", `${this.name}: ${feature}: ${reason}`);
  }

  /** The answer as it is. Rejects when there is none. */
  async ask(op: string, params: JsonObject = {}, options: CallOptions = {}): Promise<Answer> {
    if (this.#gone !== undefined) throw this.#gone;
    const id = ++this.#calls;
    const { deadlineMs = defaultCallMs, onProgress } = options;
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new AgentError("deadline", `${this.name}: no answer to ${op} within ${deadlineMs} ms`));
      }, deadlineMs);
      const settle = <T>(then: (value: T) => void) => (value: T) => {
        clearTimeout(timer);
        then(value);
      };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject), onProgress });
      this.sendLine(JSON.stringify({ ...params, v: protocolVersion, id, op }));
    });
  }

  /** The figures of the agent now. */
  async stats(): Promise<Stats> {
    return await this.call("stats") as unknown as Stats;
  }

  /** The figures at the event that brought them within these bounds. */
  async waitFor(bounds: { min?: Partial<Stats>; max?: Partial<Stats> }, deadlineMs: number): Promise<Stats> {
    return await this.call("waitFor", { ...bounds, deadlineMs }, {
      deadlineMs: deadlineMs + 1_000,
    }) as unknown as Stats;
  }

  /** Writes a line as it is, for tests of what an agent does with a bad one. */
  sendLine(line: string): void {
    this.#child.stdin.write(line + "\n");
  }

  /** Closes its input, at which it has to end by itself. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /** Sends a signal to this process and what it started. */
  kill(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Says bye and waits for the end; kills what does not end. The figures it said bye with, if it did. */
  async stop(): Promise<Stats | undefined> {
    const last = await this.call("bye", {}, { deadlineMs: exitMs }).catch(() => undefined);
    this.endInput();
    const timer = setTimeout(() => this.kill("SIGKILL"), exitMs);
    await this.exited;
    clearTimeout(timer);
    return last as Stats | undefined;
  }

  async #readAnswers(): Promise<void> {
    try {
      for await (const line of linesOf(this.#child.stdout)) this.#take(line);
    } catch (error) {
      this.#fail("fatal", `wrote what is no message: ${String(error)}`);
      this.kill("SIGKILL");
    }
  }

  #take(line: string): void {
    const message = parseAgentMessage(line);
    if ("ev" in message) {
      if (message.ev === "progress") this.#waiting.get(message.id)?.onProgress?.(message.bytes);
      else this.#fail("fatal", `${message.kind}: ${message.message}`);
      return;
    }
    if (message.id === null) return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    waiting?.resolve(message);
  }

  async #readStderr(): Promise<void> {
    for await (const line of linesOf(this.#child.stderr)) {
      this.#stderr.push(line);
      if (this.#stderr.length > keptLines) this.#stderr.shift();
    }
  }

  /** Every call that waits, and every later one, fails with the first thing that went wrong. */
  #fail(code: string, what: string): void {
    const tail = this.#stderr.slice(-5).join("\n");
    this.#gone ??= new AgentError(code, `${this.name}: ${what}${tail === "" ? "" : `\n${tail}`}`);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
    this.#waiting.clear();
  }
}
