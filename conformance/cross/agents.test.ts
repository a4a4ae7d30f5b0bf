// The agents as processes: what the protocol promises on each runtime, and every pair of runtimes over every transport.
import { describe, expect, it } from "#test";
import { type JsonObject, textAt } from "../agent/fields.ts";
import type { Stats } from "../agent/protocol.ts";
import { makeCertificates } from "../certificates/certificates.ts";
import { type Agent, startAgent } from "../runner/agents.ts";
import { type RuntimeName, runtimeNames } from "../runner/find-runtime.ts";

const listenUrl = "tcp://127.0.0.1:0";
const nothing = { openConnections: 0, openStreams: 0, timers: 0 };
/** How long an agent may take to notice that its peer is gone. A bound, not a wait. */
const noticeMs = 10_000;
/** Frames small enough that the 16 MiB payload takes a thousand of them. */
const fragmentBytes = 16_384;

/** Starts the agents of one test, and ends them whatever happens. */
async function withAgents(names: readonly RuntimeName[], body: (...agents: Agent[]) => Promise<void>): Promise<void> {
  const started = await Promise.allSettled(names.map(startAgent));
  const agents = started.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  try {
    for (const one of started) if (one.status === "rejected") throw one.reason;
    await body(...agents);
  } finally {
    for (const agent of agents) agent.kill("SIGKILL");
    await Promise.all(agents.map((agent) => agent.exited));
  }
}

const { ca, server: serverPair, client: clientPair } = await makeCertificates();
/** Both sides show a certificate over tls; over tcp nobody looks at them. */
const material = { server: { ca, ...serverPair }, client: { ca, ...clientPair } };

async function listen(server: Agent, url: string = listenUrl): Promise<string> {
  return textAt(await server.call("listen", { url, fragmentBytes, tls: material.server }), "url");
}

/** Every agent says bye and has nothing left: no socket either, where the system counts them. */
async function expectClean(...agents: Agent[]): Promise<void> {
  for (const agent of agents) {
    const last = await agent.stop();
    expect(last, `${agent.name}: ${agent.stderrTail}`).toMatchObject({ ...nothing, listeners: 0 });
    if (last?.sockets !== undefined) expect(last.sockets, `${agent.name}: sockets`).toBe(0);
    expect(await agent.exited).toEqual({ code: 0, signal: null });
  }
}

for (const name of runtimeNames) {
  describe(`the agent on ${name}`, () => {
    it("says hello, and what it does not know", () =>
      withAgents([name], async (agent) => {
        const hello = await agent.call("hello");
        expect(hello).toMatchObject({ impl: "headrace", runtime: name, runtimeVersion: agent.version });
        expect(hello["features"]).toEqual(
          expect.arrayContaining([
            ...["tcp", "tls", "ws", "wss"].flatMap((
              scheme,
            ) => [`transport:${scheme}:client`, `transport:${scheme}:server`]),
            "case:fetch",
          ]),
        );
        const unsupported = (feature: string) => ({ unsupported: expect.objectContaining({ feature }) });
        expect(await agent.ask("no-such-op")).toMatchObject(unsupported("op:no-such-op"));
        const url = "tcp://127.0.0.1:1";
        expect(await agent.ask("run", { case: "no-such-case", url })).toMatchObject(unsupported("case:no-such-case"));
        const foreign = { url: "carrier-pigeon://loft" };
        expect(await agent.ask("listen", foreign)).toMatchObject(unsupported("transport:carrier-pigeon:server"));
        expect(await agent.call("probe", { feature: "transport:tcp:client" })).toEqual({ supported: true });
        await expectClean(agent);
      }));

    it("answers bad lines and refused connections with errors, and lives on", () =>
      withAgents([name], async (agent) => {
        for (
          const line of ["{", "[]", "\u0000", '{"v":2,"id":1,"op":"hello"}', '{"v":1,"op":"stats"}', "{}".repeat(9e4)]
        ) {
          agent.sendLine(line);
        }
        const url = await agent.call("listen", { url: listenUrl });
        await agent.call("unlisten", { listener: url["listener"] });
        const refused = await agent.ask("run", { case: "items", url: url["url"] });
        expect(refused).toMatchObject({ error: { code: "link-refused" } });
        expect(await agent.ask("listen", {})).toMatchObject({ error: { code: "bad-line" } });
        expect(await agent.stats()).toMatchObject({ ...nothing, listeners: 0 });
        await expectClean(agent);
      }));

    it("ends with its input", () =>
      withAgents([name], async (agent) => {
        await listen(agent);
        agent.endInput();
        expect(await agent.exited).toEqual({ code: 0, signal: null });
      }));

    it("ends at once on SIGTERM", () =>
      withAgents([name], async (agent) => {
        agent.kill("SIGTERM");
        expect(await agent.exited).toEqual({ code: null, signal: "SIGTERM" });
      }));
  });
}

for (const serverName of runtimeNames) {
  for (const clientName of runtimeNames) {
    for (const scheme of ["tcp", "tls", "ws", "wss"]) {
      it(`${clientName} to ${serverName} over ${scheme}: interactions, items, large`, () =>
        withAgents([serverName, clientName], async (server, client) => {
          const url = await listen(server, `${scheme}://127.0.0.1:0`);
          for (const name of ["interactions", "items", "large"]) {
            const run = { case: name, url, fragmentBytes, tls: material.client };
            const facts = await client.call("run", run, { deadlineMs: 30_000 });
            expect(facts["failed"], name).toEqual([]);
            expect(facts["passed"], name).toBeGreaterThan(0);
            await server.waitFor({ max: nothing }, noticeMs);
          }
          await expectClean(client, server);
        }));
    }

    describe(`${clientName} to ${serverName} when one is killed`, () => {
      it("a killed server ends every stream with one error", () =>
        withAgents([serverName, clientName], async (server, client) => {
          const { held } = await hold(server, client);
          server.kill("SIGKILL");
          const facts = await held;
          expect(facts["failed"]).toEqual([]);
          expect(facts["ended"]).toHaveLength(4 * each);
          expect(await client.waitFor({ max: nothing }, noticeMs)).toMatchObject(nothing);
          await expectClean(client);
        }));

      it("a killed client leaves nothing on the server", () =>
        withAgents([serverName, clientName], async (server, client) => {
          const { held } = await hold(server, client);
          client.kill("SIGKILL");
          expect(await held.catch((error: unknown) => error)).toMatchObject({ code: "exited" });
          expect(await server.waitFor({ max: nothing }, noticeMs)).toMatchObject(nothing);
          await expectClean(server);
        }));
    });
  }
}

const each = 4;

/** Opens streams that stay open, and returns when both sides have them; `held` settles when all have ended. */
async function hold(server: Agent, client: Agent): Promise<{ readonly held: Promise<JsonObject> }> {
  const url = await listen(server);
  const held = client.call("run", { case: "hold", url, params: { each } }, { deadlineMs: 30_000 });
  held.catch(() => {}); // told where it is awaited
  // Every kind but the response gives one item; each of the four is one request at the server.
  const clientHas: Partial<Stats> = { heldItems: 3 * each };
  await client.waitFor({ min: clientHas }, noticeMs);
  await server.waitFor({ min: { openStreams: 4 * each } }, noticeMs);
  return { held };
}
