// The whole agent inside the test's own process: the protocol from the first line to the exit, and a case over memory.
import { describe, expect, it } from "#test";
import { runtime } from "#runtime";
import { runAgent } from "./agent.ts";
import type { AgentHost } from "./host.ts";
import { type AgentMessage, parseAgentMessage } from "./protocol.ts";

interface Running {
  readonly exitCode: Promise<number>;
  /** Resolves to the agent's next line. */
  next(): Promise<AgentMessage>;
  send(message: object): void;
  end(): void;
  fail(error: unknown): void;
}

function start(): Running {
  const encoder = new TextEncoder();
  let input: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stdin = new ReadableStream<Uint8Array>({ start: (controller) => void (input = controller) });
  const lines: AgentMessage[] = [];
  let hear: () => void = () => {};
  let exit: (code: number) => void = () => {};
  let fatal: Parameters<AgentHost["onFatal"]>[0] = () => {};
  const exitCode = new Promise<number>((resolve) => exit = resolve);
  void runAgent({
    runtime,
    version: "0.0.0",
    runtimeVersion: "0.0.0",
    os: "test",
    input: stdin,
    write(line) {
      lines.push(parseAgentMessage(line));
      hear();
      return Promise.resolve();
    },
    exit,
    memory: () => ({ rss: 1, heap: 1 }),
    sockets: () => undefined,
    sha256: () => ({ update() {}, digest: () => "none" }),
    onFatal: (report) => void (fatal = report),
  });
  return {
    exitCode,
    async next() {
      while (lines.length === 0) await new Promise<void>((resolve) => hear = resolve);
      return lines.shift() as AgentMessage;
    },
    send: (message) => input?.enqueue(encoder.encode(JSON.stringify({ v: 1, ...message }) + "\n")),
    end: () => input?.close(),
    fail: (error) => fatal("unhandledRejection", error),
  };
}

describe("an agent", () => {
  it("runs every interaction over memory, and leaves nothing", async () => {
    const agent = start();
    const url = "memory://agent-test";
    agent.send({ id: 1, op: "listen", url });
    expect(await agent.next()).toMatchObject({ id: 1, ok: { listener: "L1", url } });
    agent.send({ id: 2, op: "run", case: "interactions", url });
    expect(await agent.next()).toMatchObject({ id: 2, ok: { failed: [] } });
    agent.send({ id: 3, op: "waitFor", max: { openConnections: 0 } });
    expect(await agent.next()).toMatchObject({ id: 3, ok: { openConnections: 0, openStreams: 0, listeners: 1 } });
    agent.send({ id: 4, op: "bye" });
    const nothing = { openConnections: 0, openStreams: 0, timers: 0, listeners: 0 };
    expect(await agent.next()).toMatchObject({ id: 4, ok: nothing });
    expect(await agent.exitCode).toBe(0);
  });

  it("says what it cannot do", async () => {
    const agent = start();
    agent.send({ id: 1, op: "gc" });
    expect(await agent.next()).toMatchObject({ id: 1, unsupported: { feature: "op:gc" } });
    agent.send({ id: 2, op: "waitFor", max: { moons: 0 } });
    expect(await agent.next()).toMatchObject({ id: 2, unsupported: { feature: "waitFor:moons" } });
    agent.send({ id: 3, op: "waitFor", min: { timers: 9 }, deadlineMs: 1 });
    expect(await agent.next()).toMatchObject({ id: 3, error: { code: "deadline" } });
    agent.send({ id: 4, op: "unlisten", listener: "L9" });
    expect(await agent.next()).toMatchObject({ id: 4, error: { message: "there is no listener L9" } });
    agent.send({ id: 5, op: "run", case: "fetch", url: "memory://nobody", params: { name: "x" } });
    expect(await agent.next()).toMatchObject({ id: 5, error: { code: "link-refused" } });
    agent.end();
    expect(await agent.exitCode).toBe(0);
  });

  it("names the place of a missed deadline, and answers bye while a run is under way", async () => {
    const agent = start();
    const url = "memory://deadline-test";
    agent.send({ id: 1, op: "listen", url });
    await agent.next();
    agent.send({ id: 2, op: "run", case: "hold", url, deadlineMs: 20 });
    expect(await agent.next()).toMatchObject({ id: 2, error: { message: "the case hold took longer than 20 ms" } });
    agent.send({ id: 3, op: "run", case: "hold", url });
    agent.send({ id: 4, op: "waitFor", min: { heldItems: 24 } });
    expect(await agent.next()).toMatchObject({ id: 4 });
    agent.send({ id: 5, op: "bye" });
    expect(await agent.next()).toMatchObject({ id: 3, error: { message: "the agent ends" } });
    expect(await agent.next()).toMatchObject({ id: 5, ok: { openConnections: 0, openStreams: 0, timers: 0 } });
  });

  it("tells of what escaped, then exits with 1", async () => {
    const agent = start();
    agent.fail(new Error("planted"));
    expect(await agent.next()).toMatchObject({ ev: "fatal", message: expect.stringContaining("planted") });
    expect(await agent.exitCode).toBe(1);
    agent.end();
  });
});
