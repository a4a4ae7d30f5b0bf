// Starts the agent on Deno. It holds what differs here and nothing else.
import { runtime } from "../../runtimes/deno/mod.ts";
import { runAgent } from "./agent.ts";
import { processHost } from "./process-host.ts";

const host = globalThis as unknown as {
  readonly gc?: () => void; // there with --v8-flags=--expose-gc
  readonly Deno: { readonly version: { readonly deno: string } };
};

await runAgent(processHost({ runtime, runtimeVersion: host.Deno.version.deno, gc: host.gc }));
