// Runs the link scenarios over every transport that every runtime has, on the runtime that runs this file.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import { makeCertificates } from "../../conformance/certificates/certificates.ts";
import { createMemory } from "../../transports/memory.ts";
import { tcp } from "../../transports/tcp.ts";
import { tls } from "../../transports/tls.ts";
import { webSocket } from "../../transports/websocket.ts";
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

const certificates = await makeCertificates();
let names = 0;
const labs: readonly LinkLab[] = [
  {
    runtime,
    transport: tcp,
    kind: "bytes",
    url: () => new URL("tcp://127.0.0.1:0"),
    deadUrl: () => new URL("tcp://127.0.0.1:1"),
  },
  {
    runtime,
    transport: tls,
    kind: "bytes",
    url: () => new URL("tls://127.0.0.1:0"),
    deadUrl: () => new URL("tls://127.0.0.1:1"),
    tls: { dial: { ca: certificates.ca }, listen: certificates.server },
  },
  {
    runtime,
    transport: createMemory(),
    kind: "bytes",
    url: () => new URL(`memory://link-test-${++names}`),
    deadUrl: () => new URL("memory://nobody"),
  },
  {
    runtime,
    transport: webSocket,
    kind: "messages",
    url: () => new URL("ws://127.0.0.1:0/link"),
    deadUrl: () => new URL("ws://127.0.0.1:1"),
  },
  {
    runtime,
    transport: webSocket,
    kind: "messages",
    url: () => new URL("wss://127.0.0.1:0"),
    deadUrl: () => new URL("wss://127.0.0.1:1"),
    tls: { dial: { ca: certificates.ca }, listen: certificates.server },
  },
];

for (const lab of labs) {
  describe(`a link over ${lab.url().protocol.slice(0, -1)}`, () => {
    for (const { name, timeoutMs, only = lab.kind, run } of LINK_SCENARIOS) {
      if (only !== lab.kind) continue;
      it(name, async () => {
        const before = openSockets();
        await run(lab);
        expect(await leftOpen(before)).toBe(0);
      }, timeoutMs);
    }
  });
}
