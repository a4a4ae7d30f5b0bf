// Runs the link scenarios over every transport that every runtime has, on the runtime that runs this file.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import { createMemory } from "../../transports/memory.ts";
import { tcp } from "../../transports/tcp.ts";
import { LINK_SCENARIOS, type LinkLab } from "./link-suite.ts";

/** The sockets Node knows to be open. The other hosts do not tell. */
function openSockets(): number {
  const host = globalThis as { readonly process?: { getActiveResourcesInfo?(): readonly string[] } };
  const resources = host.process?.getActiveResourcesInfo?.() ?? [];
  return resources.filter((name) => name.startsWith("TCP")).length;
}

/** How many sockets are left over. A host closes in its own time, so it gets some turns first. */
async function leftOpen(before: number): Promise<number> {
  for (let turn = 0; turn < 200 && openSockets() > before; turn++) {
    await new Promise<void>((resolve) => void runtime.clock.wake(runtime.clock.now() + 1, resolve));
  }
  return Math.max(0, openSockets() - before);
}

let names = 0;
const labs: readonly LinkLab[] = [
  {
    runtime,
    transport: tcp,
    url: () => new URL("tcp://127.0.0.1:0"),
    deadUrl: () => new URL("tcp://127.0.0.1:1"),
  },
  {
    runtime,
    transport: createMemory(),
    url: () => new URL(`memory://link-test-${++names}`),
    deadUrl: () => new URL("memory://nobody"),
  },
];

for (const lab of labs) {
  describe(`a link over ${lab.transport.schemes[0]}`, () => {
    for (const { name, timeoutMs, run } of LINK_SCENARIOS) {
      it(name, async () => {
        const before = openSockets();
        await run(lab);
        expect(await leftOpen(before)).toBe(0);
      }, timeoutMs);
    }
  });
}
