// One seed, one whole run: several clients with everything RSocket has, on a network as the seed makes it, checked as it
// goes and given back as one digest. Equal seeds give equal digests on every engine.
import { createSimulation, drawShape, type Simulation } from "../../runtimes/simulated/mod.ts";
import { Random } from "../../runtimes/simulated/random.ts";
import {
  type RequestHandler,
  type RSocket,
  RSocketClient,
  type RSocketOptions,
  RSocketServer,
} from "../../src/front/rsocket.ts";
import { makeCall, type Outcome } from "./calls.ts";
import { itemBytes, type Order, orderIn } from "./content.ts";

/** What came of a seed. */
export interface SeedRun {
  readonly seed: number;
  /** Of all lines. */
  readonly digest: string;
  /** Network deliveries and what the applications saw, each with its virtual time. */
  readonly lines: readonly string[];
}

/** The digest of a seed. Rejects, naming the seed, when an invariant does not hold. */
export async function digestOf(seed: number): Promise<string> {
  return (await runSeed(seed)).digest;
}

/** Every third seed cuts connections and refuses some. */
const cutsConnections = (seed: number) => seed % 3 === 0;

/** Runs a seed. */
export async function runSeed(seed: number): Promise<SeedRun> {
  const random = new Random(seed).fork("scenario");
  const kind = (["bytes", "bytes", "messages", "session"] as const)[random.below(4)]!;
  const drawn = drawShape(random.fork("shape"), cutsConnections(seed));
  // The server takes the first stream that it hears of for lane 0, so no other may overtake it (src/drive/README.md).
  const shape = kind === "session" ? { ...drawn, jitterMs: 0, holdChance: 0 } : drawn;
  const simulation = createSimulation(seed, { shape });
  try {
    await new Scenario(seed, simulation, random).run(kind);
  } catch (error) {
    throw new Error(`Seed ${seed} at ${simulation.clock.now()} ms: ${String(error)}`, { cause: error });
  }
  return { seed, digest: simulation.trace.digest, lines: simulation.trace.lines };
}

class Scenario {
  readonly #seed: number;
  readonly #simulation: Simulation;
  readonly #random: Random;
  /** Handlers that run. */
  #running = 0;
  /** What was found wrong where nobody could throw it. */
  #fault: string | undefined;

  constructor(seed: number, simulation: Simulation, random: Random) {
    this.#seed = seed;
    this.#simulation = simulation;
    this.#random = random;
  }

  async run(kind: "bytes" | "messages" | "session"): Promise<void> {
    const { runtime, complete, clock, runUntilIdle } = this.#simulation;
    const options: RSocketOptions = { runtime, ...this.#drawOptions() };
    const server = new RSocketServer(this.#handler("server"), options);
    await server.listen(`sim://server?kind=${kind}`);
    const clients = Array.from({ length: 1 + this.#random.below(3) }, (_, n) => this.#client(`c${n}`, options));
    const outcomes = await complete(Promise.all(clients.map(({ calls }) => calls)), 10_000_000);
    if (!cutsConnections(this.#seed)) outcomes.flat().forEach(checkOutcome);
    const back = [...server.sockets].map((socket, n) => this.#calls(`s${n}`, socket, 3));
    await complete(Promise.all(back), 10_000_000);
    await complete(Promise.all([...clients.map(({ client }) => client.close({ drainMs: 1_000 })), server.close()]));
    if (!await runUntilIdle(1_000_000)) throw new Error(`${clock.pending} wakes are left`);
    if (server.sockets.size > 0) throw new Error(`${server.sockets.size} sockets are left`);
    if (this.#fault !== undefined) throw new Error(this.#fault);
    if (this.#running > 0) throw new Error(`${this.#running} handlers still run`);
  }

  #drawOptions(): RSocketOptions {
    const fragmentBytes = [undefined, undefined, 64, 100, 1_024][this.#random.below(5)];
    const mapping = this.#random.chance(0.7) ? "stream-per-request" as const : "single" as const;
    return { mapping, ...(fragmentBytes === undefined ? {} : { fragmentBytes }) };
  }

  #client(name: string, options: RSocketOptions): { client: RSocketClient; calls: Promise<Outcome[]> } {
    const setup = { payload: name, keepAliveMs: 1_000 + this.#random.below(20_000) };
    const handler = this.#handler(name);
    const client = new RSocketClient("sim://server", { ...options, setup, handler });
    return { client, calls: this.#calls(name, client, 4 + this.#random.below(10)) };
  }

  /** Calls that begin at times of the seed's. */
  #calls(name: string, socket: RSocket, count: number): Promise<Outcome[]> {
    const calls = Array.from({ length: count }, async (_, n) => {
      const random = this.#random.fork(`${name} ${n}`);
      await this.#sleep(random.below(500));
      const tell = (what: string) => this.#tell(what);
      return await makeCall({ simulation: this.#simulation, socket, random, name: `${name}.${n}`, tell });
    });
    return Promise.all(calls);
  }

  #handler(side: string): RequestHandler {
    return {
      onSetup: async (setup) => {
        if (setup.payload.data.length % 2 === 0) await this.#sleep(5);
      },
      onConnectionLost: (_, info) => this.#tell(`${side} lost: ${info.code}`),
      onMetadataPush: (metadata) => this.#tell(`${side} pushed: ${new TextDecoder().decode(metadata)}`),
      fireAndForget: (payload) => this.#tell(`${side} fnf: ${orderIn(payload.data).name}`),
      requestResponse: async (payload) => {
        const answers = this.#answers(side, orderIn(payload.data));
        try {
          return (await answers.next()).value ?? "";
        } finally {
          await answers.return(undefined);
        }
      },
      requestStream: (payload) => this.#answers(side, orderIn(payload.data)),
      requestChannel: (first, rest) => {
        const order = orderIn(first.data);
        void this.#readRest(side, order, rest);
        return this.#answers(side, order);
      },
    };
  }

  async *#answers(side: string, { name, count, size, pauseMs, failAt }: Order): AsyncGenerator<Uint8Array> {
    this.#running++;
    let n = 0;
    try {
      for (; n <= count; n++) {
        if (pauseMs > 0) await this.#sleep(pauseMs);
        if (n === failAt) throw new Error("as it was told to");
        if (n < count) yield itemBytes(name, n, size);
      }
    } finally {
      this.#running--;
      this.#tell(`${side} answered ${name}: ${n}`);
    }
  }

  async #readRest(
    side: string,
    { name, size }: Order,
    rest: AsyncIterable<{ readonly data: Uint8Array }>,
  ): Promise<void> {
    let n = 0;
    try {
      for await (const { data } of rest) {
        const expected = itemBytes(name, n, size);
        const wrong = data.length !== size || data.some((byte, at) => byte !== expected[at]);
        if (wrong) this.#fault ??= `item ${n} of the rest of ${name} is wrong`;
        n++;
      }
      this.#tell(`${side} read ${name}: ${n}`);
    } catch (error) {
      this.#tell(`${side} read ${name}: ${n}, then ${String((error as { code?: string }).code)}`);
    }
  }

  #sleep(ms: number): Promise<void> {
    const { clock } = this.#simulation;
    return new Promise((resolve) => void clock.wake(clock.now() + ms, resolve));
  }

  #tell(what: string): void {
    this.#simulation.trace.record(`${this.#simulation.clock.now()} ${what}`);
  }
}

/** Without cuts, calls end as they were told to, or by their own signal and time. */
function checkOutcome({ name, end }: Outcome): void {
  if (["done", "left", "failed", "aborted", "link-timeout"].includes(end)) return;
  throw new Error(`${name} ended with ${end} although nothing was cut`);
}
