// The built-in cases by name, and running one over connections of its own. Whatever a case leaves open is closed here.
import { connect, type RSocketClient } from "../../src/front/rsocket.ts";
import type { Case, CaseContext } from "./case.ts";
import { fetch } from "./cases/fetch.ts";
import { hold } from "./cases/hold.ts";
import { interactions } from "./cases/interactions.ts";
import { items } from "./cases/items.ts";
import { large } from "./cases/large.ts";
import type { Counters } from "./counters.ts";
import { type Deadline, deadline } from "./deadline.ts";
import { lackOf } from "./features.ts";
import type { AgentHost } from "./host.ts";
import { metered } from "./meter.ts";
import type { Answer, Request } from "./protocol.ts";
import type { Records } from "./records.ts";
import { createResponder } from "./responder.ts";

const cases: ReadonlyMap<string, Case> = new Map([
  ["fetch", fetch],
  ["hold", hold],
  ["interactions", interactions],
  ["items", items],
  ["large", large],
]);

/** For `hello`. */
export const caseNames: readonly string[] = [...cases.keys()];

/** What a run takes from its agent. */
export interface RunParts {
  readonly host: AgentHost;
  readonly counters: Counters;
  readonly records: Records;
  /** Fires when the agent ends. */
  readonly over: AbortSignal;
  progress(bytes: number): void;
}

type Run = Request & { readonly op: "run" };

/** Runs the case. Rejects with what the case threw; at the deadline with that, whatever the case still does. */
export async function runCase(run: Run, parts: RunParts): Promise<Answer> {
  const body = cases.get(run.case);
  if (body === undefined) return { unsupported: { feature: `case:${run.case}` } };
  const lacking = lackOf(parts.host.runtime, run.url, "client");
  if (lacking !== undefined) return { unsupported: lacking };
  let place = "";
  const limit = deadline(parts.host.runtime.clock, run.deadlineMs, () => `the case ${run.case}${place}`, parts.over);
  const at = (what: string) => void (place = `, at ${what},`);
  const sockets: RSocketClient[] = [];
  try {
    const late = new Promise<never>((_resolve, reject) => {
      limit.signal.addEventListener("abort", () => reject(limit.signal.reason), { once: true });
    });
    return { ok: await Promise.race([body({ ...contextOf(run, parts, limit, sockets), at }), late]) };
  } finally {
    limit.disarm();
    await Promise.all(sockets.map((socket) => socket.close({ drainMs: 0 })));
  }
}

function contextOf(run: Run, parts: RunParts, { signal }: Deadline, sockets: RSocketClient[]): Omit<CaseContext, "at"> {
  const { host, counters, records } = parts;
  let arrived = 0;
  let hear: () => void = () => {};
  const runtime = metered(host.runtime, counters, (bytes) => {
    arrived += bytes;
    hear();
  });
  const handler = createResponder({ counters, records, files: new Map(), disk: host.runtime.capabilities.files });
  const { fragmentBytes, tls } = run;
  const options = {
    runtime,
    transports: runtime.transports,
    handler,
    signal,
    ...(fragmentBytes === undefined ? {} : { fragmentBytes }),
    ...(tls === undefined ? {} : { tls }),
  };
  return {
    params: run.params,
    signal,
    counters,
    now: () => host.runtime.clock.now(),
    async connect() {
      const socket = await connect(run.url, options);
      sockets.push(socket);
      return socket;
    },
    arrivedBytes: () => arrived,
    onArrival: (listener) => hear = listener,
    uniqueName() {
      const bytes = new Uint8Array(8);
      host.runtime.random(bytes);
      return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    },
    sha256: () => host.sha256(),
    progress: (bytes) => parts.progress(bytes),
  };
}
