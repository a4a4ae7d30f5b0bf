// The case `hold`: opens requests of each kind that never end, and reports what ended each. It ends when all have ended.
import type { Payload, RSocketClient, Subscriber } from "../../../src/front/rsocket.ts";
import { askChannel, askResponse, askStream } from "../ask.ts";
import { type Case, type CaseContext, checked } from "../case.ts";
import { optionalCountAt } from "../fields.ts";
import type { Script } from "../script.ts";

const defaultEach = 4;

/** One item, so that the far end is known to be at work, then silence. */
const silent: Script = { emit: [{ data: "held" }], end: "never" };

interface Ending {
  readonly kind: string;
  items: number;
  completions: number;
  /** The code or name of each error. More than one is a fault. */
  readonly errors: string[];
}

export const hold: Case = async (cx) => {
  const each = optionalCountAt(cx.params, "each") ?? defaultEach;
  const socket = await cx.connect();
  const endings: Promise<Ending>[] = [];
  for (let index = 0; index < each; index++) {
    endings.push(holdResponse(cx, socket), holdLoop(cx, socket));
    endings.push(holdSubscriber(cx, socket, "stream"), holdSubscriber(cx, socket, "channel"));
  }
  const ended = await Promise.all(endings);
  // A second signal to a subscriber would come before the connection is reported closed.
  const { code } = await socket.closed;
  const wrong = ended.filter((one) => one.errors.length !== 1 || one.completions > 0);
  const check = { name: "each request ended with exactly one error", ok: wrong.length === 0 };
  return checked([wrong.length === 0 ? check : { ...check, detail: JSON.stringify(wrong) }], { ended, closed: code });
};

async function holdResponse(cx: CaseContext, socket: RSocketClient): Promise<Ending> {
  const ending: Ending = { kind: "response", items: 0, completions: 0, errors: [] };
  const release = cx.counters.hold("openStreams");
  await askResponse(socket, { end: "never" }).then(() => ending.completions++, (error) => fail(ending, error));
  release();
  return ending;
}

async function holdLoop(cx: CaseContext, socket: RSocketClient): Promise<Ending> {
  const ending: Ending = { kind: "loop", items: 0, completions: 0, errors: [] };
  const release = cx.counters.hold("openStreams");
  try {
    for await (const _ of askStream(socket, silent)) count(cx, ending);
    ending.completions++;
  } catch (error) {
    fail(ending, error);
  }
  release();
  return ending;
}

/** Subscribers, because a loop could not tell of a second error. */
function holdSubscriber(cx: CaseContext, socket: RSocketClient, kind: "stream" | "channel"): Promise<Ending> {
  const ending: Ending = { kind, items: 0, completions: 0, errors: [] };
  const release = cx.counters.hold("openStreams");
  const stream = kind === "stream" ? askStream(socket, silent) : askChannel(socket, silent, silentSource(cx));
  return new Promise((resolve) => {
    const end = () => {
      release();
      resolve(ending);
    };
    const subscriber: Subscriber<Payload> = {
      onSubscribe: (subscription) => subscription.request(2),
      onNext: () => count(cx, ending),
      onError(error) {
        fail(ending, error);
        end();
      },
      onComplete() {
        ending.completions++;
        end();
      },
    };
    stream.subscribe(subscriber);
  });
}

/** One item, then silence until the library lets go of it: a source that it forgot keeps the count of streams up. */
function silentSource(cx: CaseContext): AsyncIterable<string> {
  const release = cx.counters.hold("openStreams");
  let given = false;
  const next = (): Promise<IteratorResult<string>> => {
    if (given) return new Promise(() => {});
    given = true;
    return Promise.resolve({ done: false, value: "held" });
  };
  const leave = (): Promise<IteratorResult<string>> => {
    release();
    return Promise.resolve({ done: true, value: undefined });
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
}

function count(cx: CaseContext, ending: Ending): void {
  ending.items++;
  cx.counters.add("heldItems", 1);
}

function fail(ending: Ending, error: unknown): void {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  ending.errors.push(String(code ?? name ?? error));
}
