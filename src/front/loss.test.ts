// Connections that are lost: by the link, by silence, by the peer's end. Every call ends once, and everybody is told.
import { describe, expect, it } from "#test";
import { connected, NOTHING, textsOf, type WorldOptions } from "../../conformance/seeds/world.ts";
import type { LinkError } from "../contract/errors.ts";
import type { CloseInfo } from "../contract/link.ts";
import type { RequestHandler, RSocket, Subscriber } from "./rsocket.ts";

const never = { subscribe: (to: Subscriber<string>) => to.onSubscribe({ request() {}, cancel() {} }) };

/** A handler that never answers anything. */
const deaf: RequestHandler = {
  requestResponse: () => new Promise(() => {}),
  requestStream: () => never,
  requestChannel: () => never,
};

/** One call of each kind, and how often each ended with what. */
function callsOn(socket: RSocket): string[] {
  const ends: string[] = [];
  const end = (name: string) => (error: unknown) => void ends.push(`${name} ${(error as LinkError).code}`);
  const fine = (name: string) => () => void ends.push(`${name} fine`);
  socket.requestResponse("r").then(fine("response"), end("response"));
  textsOf(socket.requestStream("s")).then(fine("stream"), end("stream"));
  textsOf(socket.requestChannel("c", ["d"])).then(fine("channel"), end("channel"));
  socket.requestStream("p").subscribe({
    onSubscribe: (subscription) => subscription.request(1),
    onNext: fine("item"),
    onError: end("publisher"),
    onComplete: fine("publisher"),
  });
  const reader = socket.requestStream("q").readable().getReader();
  reader.read().then(fine("readable"), end("readable"));
  const { requester } = socket;
  const sink = { next: fine("sink item"), complete: fine("sink"), error: end("sink") };
  requester.requestResponse(new Uint8Array(0), undefined, sink);
  return ends;
}

const kinds: readonly WorldOptions[] = [
  { kind: "bytes" },
  { kind: "messages" },
  { kind: "session" },
  { kind: "session", client: { mapping: "stream-per-request" }, server: { mapping: "stream-per-request" } },
];

describe("a lost link", () => {
  for (const options of kinds) {
    const name = options.client?.mapping ?? options.kind ?? "";
    it(`ends every call of both sides with one LinkError, and is told once (${name})`, async () => {
      const lost: string[] = [];
      const note = (side: string) => (socket: RSocket, info: CloseInfo) => {
        lost.push(`${side} ${info.code} ${info.error?.name} ${socket.state}`);
      };
      const client = { ...options.client, handler: { ...deaf, onConnectionLost: note("client") } };
      const world = await connected({ ...deaf, onConnectionLost: note("server") }, { ...options, client });
      const { socket } = world;
      const ends = [callsOn(world.client), callsOn(socket)];
      await world.advance(50);
      expect(ends).toEqual([[], []]);
      world.simulation.network.wire.cut();
      await world.advance(50);
      const all = ["channel", "publisher", "readable", "response", "sink", "stream"].map((call) =>
        `${call} link-reset`
      );
      for (const each of ends) expect(each.toSorted()).toEqual(all);
      expect(lost.toSorted()).toEqual(["client link-reset LinkError closed", "server link-reset LinkError closed"]);
      expect([world.client.state, socket.state, world.server.sockets.size]).toEqual(["closed", "closed", 0]);
      for (const each of [world.client, socket]) expect((await each.closed).error).toBeInstanceOf(Error);
      expect(await world.close()).toEqual(NOTHING);
    });
  }

  it("is a loss too when the peer ends it while calls are open, and clean when none is", async () => {
    for (const open of [true, false]) {
      const world = await connected(deaf);
      const ends = open ? callsOn(world.client) : [];
      await world.advance(10);
      const { socket } = world;
      await world.run(socket.close());
      await world.advance(10);
      expect(ends.map((each) => each.split(" ")[1])).toEqual(Array(open ? 6 : 0).fill("link-closed"));
      expect((await world.client.closed).code).toBe("connection-close");
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("can happen to a server that is about to speak", async () => {
    const world = await connected(deaf, { shape: { latencyMs: 50 } });
    world.simulation.network.wire.cut({ lostTail: true });
    await world.advance(100);
    await world.run(world.client.connect());
    world.simulation.network.wire.cut({ lostTail: true });
    await world.advance(10_000);
    expect([world.client.state, world.server.sockets.size]).toEqual(["closed", 0]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("silence", () => {
  const setup = { keepAliveMs: 1_000, lifetimeMs: 5_000 };

  it("on the client: onKeepaliveTimeout, then the loss, and every call ends with it", async () => {
    const told: string[] = [];
    const handler: RequestHandler = {
      onKeepaliveTimeout: (silentMs, socket) => void told.push(`silent ${silentMs} ${socket.state}`),
      onConnectionLost: (_, info) => void told.push(`lost ${info.code}`),
    };
    const world = await connected(deaf, { client: { setup, handler } });
    await world.advance(60_000);
    expect([world.client.state, told]).toEqual(["open", []]);
    const ends = callsOn(world.client);
    await world.advance(10);
    world.simulation.network.wire.stall(Infinity, "down");
    await world.advance(4_000);
    expect(told).toEqual([]);
    await world.advance(2_000);
    expect(told).toEqual([expect.stringMatching(/^silent 5000/), "lost keepalive-timeout"]);
    expect(ends.map((each) => each.split(" ")[1])).toEqual(Array(6).fill("keepalive-timeout"));
    expect((await world.client.closed).error).toMatchObject({ name: "PeerError", code: "keepalive-timeout" });
    world.simulation.network.wire.heal();
    expect(await world.close()).toEqual(NOTHING);
  });

  it("on the server, which hears nothing of a client that is gone", async () => {
    const told: string[] = [];
    const world = await connected({
      onKeepaliveTimeout: (silentMs) => void told.push(`silent ${silentMs}`),
      onConnectionLost: (_, info) => void told.push(`lost ${info.code}`),
    }, { client: { setup } });
    world.simulation.network.wire.stall(Infinity, "up");
    await world.advance(4_500);
    expect(told).toEqual([]);
    await world.advance(2_000);
    expect(told[1]).toBe("lost keepalive-timeout");
    expect(world.server.sockets.size).toBe(0);
    world.simulation.network.wire.heal();
    expect(await world.close()).toEqual(NOTHING);
  });
});
