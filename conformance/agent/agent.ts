// The agent: one process of the library under test, told what to do line by line. It names no host and judges nothing.
import { HeadraceError } from "../../src/contract/errors.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import { RSocketServer } from "../../src/front/rsocket.ts";
import { caseNames, runCase } from "./cases.ts";
import { Counters } from "./counters.ts";
import { deadline } from "./deadline.ts";
import { featuresOf, lackOf, probe } from "./features.ts";
import type { AgentHost } from "./host.ts";
import { linesOf } from "./lines.ts";
import { metered } from "./meter.ts";
import { type AgentMessage, type Answer, type Hello, parseCall, type Request, type Stats } from "./protocol.ts";
import { Records } from "./records.ts";
import { createResponder } from "./responder.ts";

/** Nothing may be left. */
const zeros: ReadonlyMap<string, number> = new Map([
  ["openConnections", 0],
  ["openStreams", 0],
  ["timers", 0],
  ["listeners", 0],
]);
const closeMs = 2_000;
const endOfInputMs = 500;

/** Serves the process protocol until the input ends or `bye`; then ends the process. */
export async function runAgent(host: AgentHost): Promise<void> {
  const agent = new Agent(host);
  host.onFatal((kind, error) => {
    const message = error instanceof Error ? error.stack ?? error.message : String(error);
    void agent.write({ v: 1, ev: "fatal", kind, message }).then(() => host.exit(1));
  });
  for await (const line of linesOf(host.input)) void agent.take(line);
  await agent.closeAll(endOfInputMs);
  host.exit(0);
}

class Agent {
  readonly #host: AgentHost;
  readonly #counters: Counters = new Counters();
  readonly #records: Records = new Records();
  readonly #runtime: Runtime;
  readonly #servers: Map<string, RSocketServer> = new Map();
  /** Calls without an answer yet, but for `bye`. */
  readonly #pending: Set<Promise<Answer>> = new Set();
  readonly #over: AbortController = new AbortController();
  #listens = 0;

  constructor(host: AgentHost) {
    this.#host = host;
    this.#runtime = metered(host.runtime, this.#counters, () => {});
  }

  /** Acts on one line and writes its answer. Calls run at the same time; each has its id. Never rejects. */
  async take(line: string): Promise<void> {
    const call = parseCall(line);
    if ("problem" in call) {
      return await this.write({ v: 1, id: call.id, error: { message: call.problem, code: "bad-line" } });
    }
    const answering = this.#answer(call.id, call.request).catch(failure);
    if (call.request.op !== "bye") this.#pending.add(answering);
    const answer = await answering;
    this.#pending.delete(answering);
    await this.write({ v: 1, id: call.id, ...answer });
    if (call.request.op === "bye") this.#host.exit(0);
  }

  async write(message: AgentMessage): Promise<void> {
    await this.#host.write(JSON.stringify(message));
  }

  /** Ends every run and server, and waits until nothing is left, at most so long. */
  async closeAll(withinMs: number): Promise<void> {
    this.#over.abort(new Error("the agent ends"));
    const limit = deadline(this.#host.runtime.clock, withinMs, () => "closing", undefined);
    const late = new Promise<void>((resolve) =>
      limit.signal.addEventListener("abort", () => resolve(), { once: true })
    );
    await Promise.race([this.#closeInOrder(limit.signal), late]).catch(() => {});
    limit.disarm();
  }

  async #closeInOrder(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#pending);
    await Promise.all([...this.#servers.values()].map((server) => server.close({ drainMs: 0 })));
    await this.#counters.waitFor(new Map(), zeros, signal);
  }

  async #answer(id: number, request: Request): Promise<Answer> {
    switch (request.op) {
      case "hello":
        return { ok: { ...this.#hello() } };
      case "listen":
        return await this.#listen(request);
      case "run":
        return await this.#run(id, request);
      case "probe":
        return { ok: { ...probe(this.#host.runtime, request.feature) } };
      case "stats":
        return { ok: { ...this.#stats() } };
      case "gc":
        if (this.#host.gc === undefined) return { unsupported: { feature: "op:gc", reason: "this host cannot" } };
        this.#host.gc();
        return { ok: { ...this.#stats() } };
      case "waitFor":
        return await this.#waitFor(request);
      case "unlisten":
        return await this.#unlisten(request.listener);
      case "bye":
        await this.closeAll(closeMs);
        return { ok: { ...this.#stats() } };
      case "unknown":
        return { unsupported: { feature: `op:${request.name}` } };
    }
  }

  #hello(): Hello {
    const { runtime, runtimeVersion, os, version } = this.#host;
    const features = [...featuresOf(runtime), ...caseNames.map((name) => `case:${name}`)];
    return {
      impl: "headrace",
      version,
      runtime: runtime.name,
      runtimeVersion,
      os,
      roles: ["client", "server"],
      features,
    };
  }

  #stats(): Stats {
    const sockets = this.#host.sockets();
    return { ...this.#counters.all, ...this.#host.memory(), ...(sockets === undefined ? {} : { sockets }) };
  }

  async #listen(request: Request & { readonly op: "listen" }): Promise<Answer> {
    const lacking = lackOf(this.#host.runtime, request.url, "server");
    if (lacking !== undefined) return { unsupported: lacking };
    const handler = createResponder({
      counters: this.#counters,
      records: this.#records,
      files: request.files,
      disk: this.#host.runtime.capabilities.files,
    });
    const { fragmentBytes, tls } = request;
    const server = new RSocketServer(handler, {
      runtime: this.#runtime,
      transports: this.#runtime.transports,
      ...(fragmentBytes === undefined ? {} : { fragmentBytes }),
      ...(tls === undefined ? {} : { tls }),
    });
    const [listener] = await server.listen(request.url);
    if (listener === undefined) throw new Error("the server returned no listener");
    const name = `L${++this.#listens}`;
    this.#servers.set(name, server);
    return { ok: { listener: name, url: listener.url } };
  }

  async #unlisten(name: string): Promise<Answer> {
    const server = this.#servers.get(name);
    if (server === undefined) return { error: { message: `there is no listener ${name}` } };
    this.#servers.delete(name);
    await server.close({ drainMs: 0 });
    return { ok: {} };
  }

  async #run(id: number, request: Request & { readonly op: "run" }): Promise<Answer> {
    return await runCase(request, {
      host: this.#host,
      counters: this.#counters,
      records: this.#records,
      over: this.#over.signal,
      progress: (bytes) => void this.write({ v: 1, ev: "progress", id, bytes }),
    });
  }

  async #waitFor({ min, max, deadlineMs }: Request & { readonly op: "waitFor" }): Promise<Answer> {
    const unknown = [...min.keys(), ...max.keys()].find((name) => !this.#counters.has(name));
    if (unknown !== undefined) return { unsupported: { feature: `waitFor:${unknown}` } };
    const limit = deadline(this.#host.runtime.clock, deadlineMs, () => "waitFor", this.#over.signal);
    try {
      await this.#counters.waitFor(min, max, limit.signal);
      return { ok: { ...this.#stats() } };
    } catch (error) {
      return { error: { message: `${String(error)}; now ${JSON.stringify(this.#counters.all)}`, code: "deadline" } };
    } finally {
      limit.disarm();
    }
  }
}

function failure(error: unknown): Answer {
  if (!(error instanceof Error)) return { error: { message: String(error) } };
  const code = error instanceof HeadraceError ? { code: error.code } : {};
  return { error: { message: error.message, ...code, ...(error.stack === undefined ? {} : { stack: error.stack }) } };
}
