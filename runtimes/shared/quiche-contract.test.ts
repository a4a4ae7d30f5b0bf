// The proof about the contract: a driver that knows only `Machine` runs QUIC as it runs any other machine, and no
// datagram, however broken, makes a connection throw or lose what it already had.
import { describe, expect, it } from "#test";
import { slabPool } from "../../src/bytes/slabs.ts";
import type { Machine, Output } from "../../src/contract/machine.ts";
import { QuicConnection } from "../../src/quic/connection.ts";
import type { QuicEngine } from "../../src/quic/engine.ts";
import { DEFAULT_PARAMETERS } from "../../src/quic/parameters.ts";
import { type End, join } from "./fixtures/join.ts";
import { echo, noise, Pair, serverEndpoint } from "./fixtures/quic-pair.ts";
import { loadQuiche } from "./quiche.ts";

let loaded: Promise<QuicEngine> | undefined;
const engine = () => loaded ??= loadQuiche();

/** Another protocol: says a byte more than it heard, up to five, and ends. */
class Counter implements Machine<number> {
  readonly deadline = Infinity;
  readonly ready = 0;
  #outputs: Output<number>[] = [];
  say(count: number): void {
    this.#outputs.push({ type: "send", lane: 0, bytes: new Uint8Array(count) });
  }
  receive(chunk: Uint8Array): void {
    this.#outputs.push({ type: "event", event: chunk.length });
    if (chunk.length < 5) this.say(chunk.length + 1);
    else this.#outputs.push({ type: "end", lane: 0 }, { type: "close", info: { code: "done", reason: "" } });
  }
  receiveEnd(): void {
    this.#outputs.push({ type: "close", info: { code: "ended", reason: "" } });
  }
  receiveReset(): void {}
  receiveStop(): void {}
  tick(): void {}
  released(): void {}
  poll(): Output<number> | undefined {
    return this.#outputs.shift();
  }
}

/** Notes the type of every output on its way to whoever polls. */
function noting<E>(machine: Machine<E>, types: Set<string>): void {
  const poll = machine.poll.bind(machine);
  machine.poll = () => {
    const output = poll();
    if (output !== undefined) types.add(output.type);
    return output;
  };
}

describe("quiche: the machine contract", () => {
  it("suffices: the loop that joins two QUIC machines joins any other two", () => {
    const heard: number[] = [];
    const codes: string[] = [];
    const end = (machine: Counter): End<number> => ({
      machine,
      event: (event) => heard.push(event),
      closed: (info) => codes.push(info.code),
    });
    const [a, b] = [new Counter(), new Counter()];
    a.say(1);
    join(end(a), end(b), { now: () => 0, carries: () => true });
    expect(heard).toEqual([1, 2, 3, 4, 5]);
    expect(codes).toEqual(["done", "ended"]);
  });

  it("is all that a whole QUIC conversation uses: send on lane 0, event and close", async () => {
    const pair = new Pair(await engine());
    const types = new Set<string>();
    noting(pair.client.machine, types);
    noting(pair.server.machine, types);
    echo(pair.server);
    pair.run();
    const id = pair.client.machine.openStream()!;
    pair.client.machine.write(id, noise(10_000, 1), true);
    pair.client.machine.sendDatagram(noise(10, 2));
    pair.run();
    pair.client.machine.close(7, "bye");
    await pair.runUntil(() => pair.client.closeInfo !== undefined);
    expect([...types].toSorted()).toEqual(["close", "event", "send"]);
    expect(pair.client.machine.poll()).toBeUndefined();
  });

  it("keeps what it was lent unchanged, and sends one datagram at a time", async () => {
    const pair = new Pair(await engine());
    const changed: number[] = [];
    const lengths: number[] = [];
    for (const { machine } of [pair.client, pair.server]) {
      const receive = machine.receive.bind(machine);
      machine.receive = (chunk, nowMs) => {
        const before = chunk.slice();
        receive(chunk, nowMs);
        if (chunk.some((byte, at) => byte !== before[at])) changed.push(chunk.length);
        lengths.push(chunk.length);
      };
    }
    echo(pair.server);
    const id = pair.run().client.machine.openStream()!;
    pair.client.machine.write(id, noise(10_000, 1), true);
    pair.run();
    expect(changed).toEqual([]);
    expect(lengths.length).toBeGreaterThan(15);
    expect(Math.max(...lengths)).toBe(DEFAULT_PARAMETERS.maxSendPacketBytes);
  });
});

describe("quiche: garbage", () => {
  it("random datagrams neither throw nor end a connection", async () => {
    const pair = new Pair(await engine()).run();
    const fresh = serverEndpoint(await engine(), DEFAULT_PARAMETERS);
    for (let round = 0; round < 3_000; round++) {
      const chunk = noise(round % 1_400, round);
      for (const { machine } of [pair.client, pair.server]) machine.receive(chunk, pair.now());
      if (round % 100 === 0) drain(serverOf(fresh), chunk);
    }
    expectEcho(pair);
  });

  it("mutated real packets neither throw nor end a connection", async () => {
    const packets = await conversation();
    const pair = new Pair(await engine()).run();
    const fresh = serverEndpoint(await engine(), DEFAULT_PARAMETERS);
    const dice = noise(30_000, 5);
    for (let round = 0; round < 3_000; round++) {
      const chunk = mutated(packets[round % packets.length]!, dice.subarray(round * 10, round * 10 + 10));
      for (const { machine } of [pair.client, pair.server]) machine.receive(chunk, pair.now());
      if (round % 10 === 0) drain(serverOf(fresh), chunk);
    }
    expectEcho(pair);
  }, 20_000);

  it("a handshake amid mutated copies of its own packets neither throws nor hangs", async () => {
    const dice = noise(50_000, 6);
    for (let round = 0; round < 100; round++) {
      const pair = new Pair(await engine());
      let sent = round;
      pair.carries = (bytes) => {
        const copy = mutated(bytes, dice.subarray((sent++ % 5_000) * 10));
        for (const { machine } of [pair.client, pair.server]) machine.receive(copy, pair.now());
        return true;
      };
      pair.run();
      expect(sent - round).toBeLessThan(200);
    }
  }, 20_000);
});

function serverOf(endpoint: ReturnType<typeof serverEndpoint>): QuicConnection {
  const path = { localAddress: "127.0.0.1", localPort: 2, remoteAddress: "127.0.0.1", remotePort: 1 };
  const connection = endpoint.accept({ connectionId: noise(16, 9), path });
  return new QuicConnection({ engine: connection, slabs: slabPool(), nowMs: 0 });
}

function drain(machine: QuicConnection, chunk: Uint8Array): void {
  machine.receive(chunk, 0);
  for (let left = 100; machine.poll() !== undefined; left--) expect(left).toBeGreaterThan(0);
  machine.tick(1);
  for (let left = 100; machine.poll() !== undefined; left--) expect(left).toBeGreaterThan(0);
}

/** Both sides still talk as if nothing had come. */
function expectEcho(pair: Pair): void {
  echo(pair.server);
  pair.run();
  const id = pair.client.machine.openStream()!;
  pair.client.machine.write(id, noise(5_000, 8), true);
  pair.run();
  expect(pair.client.received(id)).toHaveLength(5_000);
  expect([...pair.client.of("closed"), ...pair.server.of("closed")]).toEqual([]);
}

/** Every datagram of a handshake, an echo and a close. */
async function conversation(): Promise<Uint8Array[]> {
  const packets: Uint8Array[] = [];
  const pair = new Pair(await engine());
  pair.carries = (bytes) => packets.push(bytes.slice()) > 0;
  expectEcho(pair.run());
  pair.client.machine.close(1, "end");
  pair.run();
  return packets;
}

/** Changes up to four bytes, and the length of every third packet. */
function mutated(packet: Uint8Array, dice: Uint8Array): Uint8Array {
  const copy = packet.slice(0, dice[0]! % 3 === 0 ? Math.ceil(packet.length * dice[1]! / 255) : packet.length);
  for (let change = 0; change <= dice[2]! % 4; change++) {
    // Half of the changes hit the header, where the parser decides.
    const at = dice[3 + change]! % 2 === 0 ? dice[3 + change]! % 40 : Math.floor(copy.length * dice[3 + change]! / 256);
    if (at < copy.length) copy[at] = (copy[at]! ^ (dice[9]! | 1)) & 0xff;
  }
  return copy;
}
