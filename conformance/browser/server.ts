// Starts the agent, on any of the three runtimes, with servers that admit pages of the origins given as arguments. What
// it serves and says is the agent's own.
import process from "node:process";
import { runtime } from "#runtime";
import type { Transport } from "../../src/contract/transport.ts";
import { runAgent } from "../agent/agent.ts";
import { processHost } from "../agent/process-host.ts";

const { node, deno, bun } = process.versions as {
  readonly node: string;
  readonly deno?: string;
  readonly bun?: string;
};
const allowedOrigins = process.argv.slice(2);
const transports = runtime.transports.map(admitting);

await runAgent(
  processHost({ runtime: { ...runtime, transports }, runtimeVersion: bun ?? deno ?? node, gc: undefined }),
);

function admitting(transport: Transport): Transport {
  const listen = transport.listen?.bind(transport);
  if (listen === undefined) return transport;
  return {
    ...transport,
    listen: (host, url, options, accept) => listen(host, url, { ...options, allowedOrigins }, accept),
  };
}
