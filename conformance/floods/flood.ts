// A server with one well-behaved client, and strangers that speak raw bytes to it. What the client and its handler see,
// with virtual times, is the trace: a flood may not change a line of it. It judges nothing.
import type { Link } from "../../src/contract/link.ts";
import type { RequestHandler, RSocketOptions } from "../../src/front/rsocket.ts";
import { encodeFrame } from "../../src/rsocket/encode.ts";
import type { Frame } from "../../src/rsocket/frame.ts";
import { record, type Recording } from "../../runtimes/simulated/mod.ts";
import { textOf, World } from "../seeds/world.ts";
import { setup } from "../transcript/frames.ts";
import { concat, prefixed, split } from "../transcript/player.ts";

/** What a flood does, in the middle of the client's calls. */
export type Flood = (scene: Scene) => Promise<void> | void;

/** How to run one. */
export interface FloodOptions {
  readonly handler?: RequestHandler;
  readonly server?: RSocketOptions;
  /** How long the client goes on, in virtual milliseconds. */
  readonly forMs?: number;
}

/** One stranger's connection. */
export class Stranger {
  readonly #link: Link;
  readonly #recording: Recording;

  constructor(link: Link) {
    this.#link = link;
    this.#recording = record(link);
  }

  /** Sends bytes as they are. */
  raw(bytes: Uint8Array): this {
    this.#link.send(bytes);
    return this;
  }

  /** Sends frames as one chunk. */
  says(...frames: readonly Frame[]): this {
    return this.raw(concat(frames.map((frame) => prefixed(encodeFrame(frame)))));
  }

  /** Reads nothing from here on. */
  deaf(): this {
    this.#link.pause();
    return this;
  }

  /** Reads again. */
  listens(): this {
    this.#link.resume();
    return this;
  }

  /** The frames it heard. */
  get heard(): readonly Uint8Array[] {
    return split(this.#recording.bytes()).frames;
  }

  /** True once the server has ended its connection. */
  get isGone(): boolean {
    return this.#recording.ends > 0 || this.#recording.closes.length > 0;
  }

  leave(): void {
    this.#link.abort();
  }
}

/** The stage: a world whose client is connected. */
export class Scene {
  readonly world: World;
  readonly strangers: Stranger[] = [];
  /** The codes that the server's handlers were told. */
  readonly told: string[];

  constructor(world: World, told: string[]) {
    this.world = world;
    this.told = told;
  }

  /** Strangers that have connected and said nothing. */
  async silent(count: number): Promise<Stranger[]> {
    const { network } = this.world.simulation;
    const dials = Array.from({ length: count }, () => network.dial("server"));
    await this.world.advance(2);
    const strangers = (await Promise.all(dials)).map((link) => new Stranger(link as Link));
    this.strangers.push(...strangers);
    return strangers;
  }

  /** One that has said SETUP and was accepted. */
  async guest(): Promise<Stranger> {
    const [stranger] = await this.silent(1);
    stranger!.says(setup());
    await this.world.advance(2);
    return stranger!;
  }
}

/** What came of a run. */
export interface FloodRun {
  /** What the client saw, and when. */
  readonly trace: readonly string[];
  readonly scene: Scene;
  readonly leftovers: { readonly wakes: number; readonly sockets: number };
}

const HANDLER: RequestHandler = {
  requestResponse: (payload) => payload,
  *requestStream() {
    for (let n = 0; n < 20; n++) yield `item ${n}`;
  },
};

/** Runs the client with a flood beside it; without one, to compare with. */
export async function withFlood(flood: Flood | undefined, options: FloodOptions = {}): Promise<FloodRun> {
  const told: string[] = [];
  const handler = { ...HANDLER, ...options.handler, onError: (error: { code: string }) => void told.push(error.code) };
  const world = new World({ handler, ...(options.server === undefined ? {} : { server: options.server }) });
  await world.connect();
  const trace: string[] = [];
  const scene = new Scene(world, told);
  const behaving = behave(world, trace, options.forMs ?? 1_000);
  if (flood !== undefined) await flood(scene);
  await world.run(behaving, 10_000_000);
  for (const stranger of scene.strangers) stranger.leave();
  return { trace, scene, leftovers: await world.close() };
}

/** One request in each 10 ms, and a stream in each 100. */
async function behave(world: World, trace: string[], forMs: number): Promise<void> {
  const { clock } = world.simulation;
  const startMs = clock.now();
  const at = () => clock.now() - startMs;
  const note = (what: string) => void trace.push(`${at()} ${what}`);
  const all: Promise<unknown>[] = [];
  for (let n = 0; n * 10 < forMs; n++) {
    await new Promise<void>((resolve) => void clock.wake(startMs + n * 10, resolve));
    const call = world.client.requestResponse(String(n), { timeoutMs: 1_000 });
    all.push(call.then((payload) => note(textOf(payload)), (error) => note(`${n} failed: ${String(error)}`)));
    if (n % 10 === 0) all.push(read(world, n, note));
  }
  await Promise.all(all);
  trace.push(...world.frames().map((frame) => `frame ${frame}`));
}

async function read(world: World, n: number, note: (what: string) => void): Promise<void> {
  for await (const payload of world.client.requestStream("", { prefetch: 5 })) note(`${n}: ${textOf(payload)}`);
}
