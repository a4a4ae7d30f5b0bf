// Starts the agent on Bun. It holds what differs here and nothing else.
import { runtime } from "../../runtimes/bun/mod.ts";
import { runAgent } from "./agent.ts";
import { processHost } from "./process-host.ts";

const { Bun } = globalThis as unknown as { readonly Bun: { readonly version: string; gc(force: boolean): void } };

await runAgent(processHost({ runtime, runtimeVersion: Bun.version, gc: () => Bun.gc(true) }));
