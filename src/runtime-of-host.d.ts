// What `#runtime` is for the type checker: each runtimes/<host>/mod.ts exports it. It names no host, so that src sees none.
import type { Runtime } from "./contract/runtime.ts";

/** The runtime of the host that runs this program. */
export declare const runtime: Runtime;
