// Starts server.ts on a runtime, as an agent for pages of some origins. It judges nothing.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { Agent, AgentError } from "../runner/agents.ts";
import { findRuntime, type RuntimeName } from "../runner/find-runtime.ts";
import { projectRoot } from "../runner/project.ts";

const startMs = 15_000;

/** Rejects with a message that names what is missing. */
export async function startServer(name: RuntimeName, allowedOrigins: readonly string[]): Promise<Agent> {
  const runtime = findRuntime(name);
  if ("missing" in runtime) throw new AgentError("missing-runtime", runtime.missing);
  // A group of its own, which the agent's kill ends.
  const child = spawn(runtime.command, [...programOn(name), ...allowedOrigins], {
    cwd: projectRoot,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
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

function programOn(name: RuntimeName): string[] {
  const source = join(projectRoot, "conformance", "browser", "server.ts");
  switch (name) {
    case "node":
      return [join(projectRoot, "dist", "conformance", "browser", "server.js")];
    case "deno":
      return ["run", "--allow-all", "--no-check", "--quiet", source];
    case "bun":
      return ["--conditions=headrace-source", source];
  }
}
