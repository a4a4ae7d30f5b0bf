// A client and a server joined in memory, in every framing and mapping, under random commands and random cuts.
// The laws: items in order and intact, demand kept, one end for each stream, nothing left, positions equal.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { Pair } from "../../conformance/transcript/pair.ts";
import { type Machine, mulberry32, type PlayerOptions } from "../../conformance/transcript/player.ts";
import { bytesOf, cancel, error, keepalive, metadataPush, response } from "../../conformance/transcript/frames.ts";
import { checksum } from "../../conformance/transcript/lines.ts";
import { server } from "../../conformance/transcript/roles.ts";
import type { RSocketEvent } from "./event.ts";
import type { Interaction } from "./lifecycle.ts";

/** One direction of one stream: what was sent into it and what came out. */
interface Flow {
  readonly sent: string[];
  readonly heard: string[];
}

interface Call {
  readonly interaction: Interaction;
  readonly request: string;
  /** What the requester sends, and what it hears. */
  readonly up: Flow;
  readonly down: Flow;
  id: number;
  served: number;
}

/** One side of a live call. */
interface End {
  readonly call: Call;
  /** True at the requester. */
  readonly asks: boolean;
  credit: number;
  asked: number;
  /** It may still send items. */
  open: boolean;
  /** It will still hear items. */
  hears: boolean;
}

/** Both applications: they send numbered items at random, and write down what they hear. */
class World {
  readonly pair: Pair;
  readonly calls: Call[] = [];
  readonly #random: () => number;
  /** By side and id. A requester's is here until it is over; nothing may come for it after that. */
  readonly #live = new Map<string, End>();

  constructor(seed: number, asking: PlayerOptions, serving: PlayerOptions) {
    this.#random = mulberry32(seed);
    const side = (options: PlayerOptions, index: number): PlayerOptions => {
      return { ...options, seed, react: (event, machine) => this.#hears(index, event, machine) };
    };
    this.pair = new Pair(side(asking, 0), side(serving, 1));
  }

  upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1));
  }

  /** One random thing happens. */
  step(): void {
    const side = this.upTo(1);
    const player = side === 0 ? this.pair.client : this.pair.server;
    const choice = this.upTo(9);
    if (choice <= 4) this.pair.move(this.upTo(1) === 0, 1 + this.upTo(90), (lanes) => this.upTo(lanes - 1));
    else if (choice === 5 && player.machine.state === "open" && this.calls.length < 40) this.#begin(side);
    else player.does((machine) => this.#act(side, machine));
  }

  /** Every side ends what it has, until nothing is live. */
  finish(): void {
    this.pair.settle();
    for (const [key, end] of this.#live) {
      const [side, id] = key.split(" ").map(Number) as [number, number];
      const player = side === 0 ? this.pair.client : this.pair.server;
      if (!end.asks) player.does((machine) => machine.complete(id));
      else if (end.call.interaction !== "response") player.does((machine) => machine.cancel(id));
    }
    this.pair.settle();
  }

  #begin(side: number): void {
    const interaction = (["response", "fnf", "stream", "channel"] as const)[this.upTo(3)]!;
    const data = this.#bytes();
    const metadata = this.upTo(2) === 0 ? this.#bytes() : undefined;
    const n = 1 + this.upTo(5);
    const request = shape(data, metadata);
    const call: Call = { interaction, request, up: flow(), down: flow(), id: 0, served: 0 };
    const name = String(this.calls.push(call) - 1);
    const player = side === 0 ? this.pair.client : this.pair.server;
    const complete = this.upTo(2) === 0;
    player.does((m) => {
      call.id = interaction === "response"
        ? m.requestResponse(data, metadata, name)
        : interaction === "fnf"
        ? m.fireAndForget(data, metadata)
        : interaction === "stream"
        ? m.requestStream(data, metadata, n, name)
        : m.requestChannel(data, metadata, n, complete, name);
    });
    const open = interaction === "channel" && !complete;
    if (interaction !== "fnf") {
      const asked = interaction === "response" ? 1 : n;
      this.#live.set(`${side} ${call.id}`, { call, asks: true, credit: 0, asked, open, hears: true });
    }
  }

  #act(side: number, machine: Machine): void {
    const mine = [...this.#live].filter(([key]) => key.startsWith(`${side} `));
    if (mine.length === 0) return;
    const [key, end] = mine[this.upTo(mine.length - 1)]!;
    const id = Number(key.split(" ")[1]);
    const { call, asks } = end;
    const choice = this.upTo(19);
    if (choice === 0 && (asks || call.interaction === "channel")) {
      machine.cancel(id);
      if (asks) this.#over(key);
    } else if (choice === 1 && (!asks || call.interaction === "channel")) {
      const sending = end.open;
      machine.fail(id, 0x301, "random");
      if (!asks || sending) this.#over(key);
    } else if (choice === 2) {
      if (!asks || call.interaction === "channel") machine.complete(id);
      this.#sentLast(key, end);
    } else if (choice < 7 && call.interaction !== "response" && (asks || call.interaction === "channel")) {
      const n = 1 + this.upTo(3);
      machine.requestN(id, n);
      end.asked += n;
    } else if (end.open && end.credit > 0) {
      const [data, last] = [this.#bytes(), this.upTo(9) === 0];
      if (!machine.payload(id, data, undefined, last)) return;
      end.credit--;
      (asks ? call.up : call.down).sent.push(shape(data, undefined));
      if (last || call.interaction === "response") this.#sentLast(key, end);
    }
  }

  #hears(side: number, event: RSocketEvent<string>, machine: Machine): void {
    if (event.type === "setup") return void (this.upTo(1) === 0 && machine.accept());
    if (event.type === "request") {
      const call = this.calls.find((one) =>
        one.served === 0 && one.id === event.id && one.interaction === event.interaction
      )!;
      expect(shape(event.data, event.metadata)).toBe(call.request);
      call.served++;
      if (event.interaction === "fnf") return;
      const credit = event.interaction === "response" ? 1 : event.n;
      this.#live.set(`${side} ${event.id}`, { call, asks: false, credit, asked: 0, open: true, hears: true });
      return;
    }
    if (!("id" in event)) return;
    const key = `${side} ${event.id}`;
    const end = this.#live.get(key)!;
    expect(end, `${event.type} after the end`).toBeDefined();
    if (event.type === "requestN") end.credit += event.n;
    if (event.type === "cancel") this.#sentLast(key, end);
    if (event.type === "payload") {
      (end.asks ? end.call.down : end.call.up).heard.push(shape(event.data, event.metadata));
      expect(--end.asked, "demand").toBeGreaterThanOrEqual(0);
    }
    const last = event.type === "complete" || event.type === "error" || (event.type === "payload" && event.complete);
    if (event.type === "complete" || event.type === "payload") expect(end.hears, "after the last item").toBe(true);
    if (event.type === "complete" || (event.type === "payload" && event.complete)) end.hears = false;
    if (last && end.asks && (event.type === "error" || !end.open)) this.#over(key);
  }

  #sentLast(key: string, end: End): void {
    end.open = false;
    if (end.asks && !end.hears) this.#over(key);
  }

  #over(key: string): void {
    this.#live.delete(key);
  }

  #bytes(): Uint8Array {
    const length = this.upTo(9) === 0 ? this.upTo(10_000) : this.upTo(200);
    return new Uint8Array(length).map(() => this.upTo(255));
  }
}

function flow(): Flow {
  return { sent: [], heard: [] };
}

function shape(data: Uint8Array, metadata: Uint8Array | undefined): string {
  const parts = [data, ...(metadata === undefined ? [] : [metadata])];
  return parts.map((part) => `${part.length}:${checksum(part)}`).join(" ");
}

/** What must hold however the two got here. */
function check({ pair, calls }: World): void {
  for (const call of calls) {
    for (const { sent, heard } of [call.up, call.down]) expect(heard).toEqual(sent.slice(0, heard.length));
    expect(call.served).toBeLessThanOrEqual(1);
  }
  expect([pair.client.machine.liveStreams, pair.server.machine.liveStreams]).toEqual([0, 0]);
  expect(pair.client.machine.sentPosition).toBe(pair.server.machine.receivedPosition);
  expect(pair.server.machine.sentPosition).toBe(pair.client.machine.receivedPosition);
  expect([pair.client.ownedIntact(), pair.server.ownedIntact()]).toEqual([true, true]);
  expect([pair.client.closed, pair.server.closed]).toEqual([false, false]);
}

describe("two machines joined", () => {
  const kinds: readonly (readonly [string, PlayerOptions])[] = [
    ["on a bytes link", {}],
    ["on a messages link", { framing: "message" }],
    ["with a lane for each request", { mapping: "stream-per-request" }],
  ];
  for (const [what, options] of kinds) {
    it(`keep the laws ${what}`, () => {
      const size = fc.constantFrom(undefined, 64, 100, 5_000);
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: 1, max: 250 }), size, size, (seed, steps, ours, theirs) => {
          const world = new World(
            seed,
            { ...options, ...(ours === undefined ? {} : { fragmentBytes: ours }) },
            { ...options, ...(theirs === undefined ? {} : { fragmentBytes: theirs }) },
          );
          for (let count = 0; count < steps; count++) world.step();
          world.pair.settle();
          if (world.pair.server.machine.state === "deciding") world.pair.server.does((m) => m.accept());
          world.finish();
          check(world);
        }),
        { numRuns: 150 },
      );
    }, 30_000);
  }

  it("count no frames of stream 0, and none that a stream does not have", () => {
    const player = server().gets(response(1, "x"));
    const before = player.machine.receivedPosition;
    player.gets(keepalive(true, "x")).gets({ ...keepalive(true), streamId: 1 }).gets(metadataPush("x", 1));
    player.gets({ type: "EXT", streamId: 1, ignore: true, extendedType: 1, data: bytesOf("x") });
    expect([before, player.machine.receivedPosition, player.machine.sentPosition]).toEqual([7, 7, 0]);
    player.gets(cancel(99)).gets(error(1, 0x201));
    expect(player.machine.receivedPosition).toBe(7 + 6 + 10);
  });

  it("close in order with live streams", () => {
    const pair = new Pair({}, { react: (event, machine) => event.type === "setup" && machine.accept() });
    pair.client.does((m) => m.requestResponse(bytesOf("q"), undefined, "a"));
    pair.settle().server.does((m) => m.close(0, 1_000));
    pair.settle().server.does((m) => m.payload(1, bytesOf("x"), undefined, true));
    pair.settle();
    expect(pair.client.heard).toEqual([
      "connectionError connection-close",
      'payload 1 "x" end [a]',
      "close connection-close",
    ]);
    expect(pair.server.heard.at(-1)).toBe("close closed");
  });
});
