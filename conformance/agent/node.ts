// Starts the agent on Node. It holds what differs here and nothing else.
import process from "node:process";
import { runtime } from "../../runtimes/node/mod.ts";
import { runAgent } from "./agent.ts";
import { processHost } from "./process-host.ts";

const host = globalThis as { readonly gc?: () => void }; // there with --expose-gc

await runAgent(processHost({ runtime, runtimeVersion: process.versions.node, gc: host.gc }));
