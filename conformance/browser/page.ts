// The program in the page: runs the agent's cases, and those only a page has, over headrace/browser. It names no
// runtime, and gives what it found to whoever calls, as JSON.
import { connect, HeadraceError, LinkError, type RSocketClient, type RSocketOptions } from "headrace/browser";
import type { Case, CaseContext } from "../agent/case.ts";
import { hold } from "../agent/cases/hold.ts";
import { interactions } from "../agent/cases/interactions.ts";
import { items } from "../agent/cases/items.ts";
import { large } from "../agent/cases/large.ts";
import { Counters } from "../agent/counters.ts";
import type { JsonObject } from "../agent/fields.ts";
import { Records } from "../agent/records.ts";
import { createResponder } from "../agent/responder.ts";
import { abort } from "./abort.ts";
import { fetchWhole } from "./fetch-whole.ts";

/** What went wrong, as the page saw it. */
export interface PageError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly reason?: string;
}

/** What the page offers to the test that opened it. */
export interface PageProgram {
  /** Runs a case over connections of its own, which are closed after it. Never rejects. */
  run(name: string, url: string, params?: JsonObject): Promise<{ ok: JsonObject } | { error: PageError }>;
  /** Resolves when the case `hold` has received so many items. */
  held(count: number): Promise<void>;
}

/** Where the test finds it. */
export interface PageGlobal {
  headracePage: PageProgram;
}

const deadlineMs = 30_000;
const counters = new Counters();
const records = new Records();

/** Connects: nothing else. */
const open: Case = async (cx) => ({ state: (await cx.connect()).state });

/** Connects, and waits for the end that the server brings about. */
const stay: Case = async (cx) => {
  const { closed } = await cx.connect();
  counters.add("heldItems", 1);
  const { code, error } = await closed;
  return { code, ...(error === undefined ? {} : { error: errorOf(error) }) };
};

const cases: Readonly<Record<string, Case>> = {
  abort,
  fetch: fetchWhole,
  hold,
  interactions,
  items,
  large,
  open,
  stay,
};

const program: PageProgram = {
  async run(name, url, params = {}) {
    const sockets: RSocketClient[] = [];
    try {
      const body = cases[name];
      if (body === undefined) throw new Error(`the page has no case ${name}`);
      const cx = contextOf(url, params, sockets);
      const late = new Promise<never>((_resolve, reject) => {
        cx.signal.addEventListener("abort", () => reject(cx.signal.reason), { once: true });
      });
      return { ok: await Promise.race([body(cx), late]) };
    } catch (error) {
      return { error: errorOf(error) };
    } finally {
      await Promise.all(sockets.map((socket) => socket.close()));
    }
  },
  held: (count) => counters.waitFor(new Map([["heldItems", count]]), new Map(), AbortSignal.timeout(deadlineMs)),
};
(globalThis as unknown as PageGlobal).headracePage = program;

function contextOf(url: string, params: JsonObject, sockets: RSocketClient[]): CaseContext {
  const signal = AbortSignal.timeout(deadlineMs);
  const options: RSocketOptions = {
    signal,
    handler: createResponder({ counters, records, files: new Map(), disk: undefined }),
    ...(params["options"] as RSocketOptions | undefined),
  };
  return {
    params,
    signal,
    counters,
    now: () => performance.now(),
    at() {},
    async connect() {
      const socket = await connect(url, options);
      sockets.push(socket);
      return socket;
    },
    arrivedBytes: () => 0,
    onArrival() {},
    uniqueName: () => crypto.randomUUID(),
    sha256() {
      throw new Error("WebCrypto hashes no pieces");
    },
    progress() {},
  };
}

function errorOf(error: unknown): PageError {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { name, message } = error;
  if (!(error instanceof HeadraceError)) return { name, message };
  return { name, message, code: error.code, ...(error instanceof LinkError ? { reason: error.reason } : {}) };
}
