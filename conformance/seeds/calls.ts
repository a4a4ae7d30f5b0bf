// The calls of the seeded scenario: each draws what it does, does it, and checks order, demand, contents and its one end.
import type { Random, Simulation } from "../../runtimes/simulated/mod.ts";
import type { Payload, PayloadStream, RSocket, Subscription } from "../../src/front/rsocket.ts";
import { checkItem, itemBytes, type Order, orderText } from "./content.ts";

/** What a call is made with. */
export interface Caller {
  readonly simulation: Simulation;
  readonly socket: RSocket;
  readonly random: Random;
  readonly name: string;
  /** Writes to the trace. */
  readonly tell: (what: string) => void;
}

/** How a call ended. */
export interface Outcome {
  readonly name: string;
  /** "done", "left", "failed" (as it was told to), or the code of the error. */
  readonly end: string;
}

/** Makes a call of a kind that the seed chooses. Rejects only when something is not as it must be. */
export async function makeCall(caller: Caller): Promise<Outcome> {
  const { random } = caller;
  const kinds = [respond, stream, stream, subscribe, channel, channel, forget];
  const end = await kinds[random.below(kinds.length)]!(caller, drawOrder(caller));
  caller.tell(`${caller.name} ends: ${end}`);
  return { name: caller.name, end };
}

function drawOrder({ random, name }: Caller): Order {
  const count = random.below(12);
  return {
    name,
    count,
    size: [0, 1, 20, 300, 3_000, 20_000][random.below(6)]!,
    pauseMs: random.chance(0.3) ? random.below(30) : 0,
    failAt: random.chance(0.2) ? random.below(count + 1) : -1,
  };
}

/** Options that end some calls early. */
function drawOptions({ random, simulation: { clock } }: Caller): { signal?: AbortSignal; timeoutMs?: number } {
  const ends = random.below(8);
  const afterMs = random.below(400);
  if (ends === 0) return { timeoutMs: afterMs };
  if (ends > 1) return {};
  const controller = new AbortController();
  clock.wake(clock.now() + afterMs, () => controller.abort({ code: "aborted" }));
  return { signal: controller.signal };
}

async function respond(caller: Caller, drawn: Order): Promise<string> {
  const order = { ...drawn, count: 1, failAt: Math.min(drawn.failAt, 0) };
  try {
    const answer = await caller.socket.requestResponse(requestOf(caller, order), drawOptions(caller));
    checkItem(answer.data, order.name, 0, order.size);
    return "done";
  } catch (error) {
    return codeOf(error, order);
  }
}

async function forget(caller: Caller, order: Order): Promise<string> {
  const { socket, random } = caller;
  try {
    if (random.chance(0.5)) await socket.fireAndForget(requestOf(caller, order), drawOptions(caller));
    else await socket.metadataPush(order.name);
    return "done";
  } catch (error) {
    return codeOf(error, order);
  }
}

function stream(caller: Caller, order: Order): Promise<string> {
  const prefetch = 1 + caller.random.below(8);
  const options = { ...drawOptions(caller), prefetch };
  return read(caller, order, caller.socket.requestStream(requestOf(caller, order), options));
}

function channel(caller: Caller, order: Order): Promise<string> {
  const { random, socket } = caller;
  const options = { ...drawOptions(caller), prefetch: 1 + random.below(8) };
  const rest = random.chance(0.2) ? undefined : items(caller, order, random.below(10));
  return read(caller, order, socket.requestChannel(requestOf(caller, order), rest, options));
}

/** This side's items of a channel. */
async function* items({ simulation: { clock }, name, tell }: Caller, { size, pauseMs }: Order, count: number) {
  let n = 0;
  try {
    for (; n < count; n++) {
      if (pauseMs > 0) await new Promise<void>((resolve) => void clock.wake(clock.now() + pauseMs, resolve));
      yield itemBytes(name, n, size);
    }
  } finally {
    tell(`${name} sent ${n}`);
  }
}

/** Reads by `for await`, some of it or all. */
async function read({ random, tell }: Caller, order: Order, from: PayloadStream): Promise<string> {
  const enough = random.chance(0.2) ? random.below(order.count + 1) : Infinity;
  let n = 0;
  try {
    for await (const { data } of from) {
      checkItem(data, order.name, n, order.size);
      tell(`${order.name} item ${n}`);
      n++;
      if (n >= enough) return "left";
    }
  } catch (error) {
    return codeOf(error, order, n);
  }
  checkCount(order, n);
  return "done";
}

/** Reads by a subscriber with a demand of its own. */
function subscribe(caller: Caller, order: Order): Promise<string> {
  const { random, socket, tell } = caller;
  let [n, demand, ends] = [0, 0, 0];
  return new Promise((resolve, reject) => {
    let subscription: Subscription;
    const ask = () => {
      const more = 1 + random.below(3);
      demand += more;
      subscription.request(more);
    };
    const check = (test: () => void) => {
      try {
        test();
      } catch (error) {
        reject(error);
      }
    };
    const end = (how: () => string) => {
      check(() => {
        if (++ends > 1) throw new Error(`${order.name} ended twice`);
        resolve(how());
      });
    };
    socket.requestStream(requestOf(caller, order), drawOptions(caller)).subscribe({
      onSubscribe(given) {
        subscription = given;
        ask();
      },
      onNext: ({ data }: Payload) =>
        check(() => {
          if (n >= demand || ends > 0) throw new Error(`${order.name} got an item that it had not asked for`);
          checkItem(data, order.name, n, order.size);
          tell(`${order.name} item ${n}`);
          if (++n === demand) ask();
        }),
      onError: (error) => end(() => codeOf(error, order, n)),
      onComplete: () =>
        end(() => {
          checkCount(order, n);
          return "done";
        }),
    });
  });
}

function requestOf({ random }: Caller, order: Order): { data: string; metadata?: string } {
  const data = orderText(order, random.chance(0.2) ? random.below(5_000) : 0);
  return random.chance(0.3) ? { data, metadata: order.name } : { data };
}

function checkCount({ name, count, failAt }: Order, n: number): void {
  if (n !== count || failAt >= 0) throw new Error(`${name} was complete after ${n} of ${count}, failing at ${failAt}`);
}

/** The code of an error that may come; others are thrown again. */
function codeOf(error: unknown, { name, failAt }: Order, n: number = 0): string {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") throw error;
  if (code !== "application-error") return code;
  if (failAt !== n) throw new Error(`${name} failed after ${n} items and not ${failAt}`, { cause: error });
  return "failed";
}
