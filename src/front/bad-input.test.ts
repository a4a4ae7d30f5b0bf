// What goes wrong before anything goes right: one typed error each, which says what was tried, what is, and what to do.
import { describe, expect, it } from "#test";
import { failureOf, NOTHING, World } from "../../conformance/seeds/world.ts";
import { record, type Recording } from "../../runtimes/simulated/mod.ts";
import { HeadraceError } from "../contract/errors.ts";
import type { Link } from "../contract/link.ts";
import type { Transport } from "../contract/transport.ts";
import { connect, RSocketClient, RSocketServer, serve } from "./rsocket.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A transport that needs what no simulated runtime has. */
const needy: Transport = {
  schemes: ["tcp"],
  needs: { dial: ["tcp"], listen: ["tcp"] },
  dial: () => Promise.reject(new Error("not asked")),
  listen: () => Promise.reject(new Error("not asked")),
};
const dialOnly: Transport = {
  schemes: ["out"],
  needs: { dial: [] },
  dial: () => Promise.reject(new Error("not asked")),
};

async function refusal(world: World, promise: Promise<unknown>): Promise<string> {
  const error = (await world.fails(promise)) as HeadraceError;
  expect(error).toBeInstanceOf(HeadraceError);
  return `${error.name} ${error.code}: ${error.message}`;
}

describe("an address that cannot be used", () => {
  it("is refused by both sides, with the reason", async () => {
    const world = new World();
    const { runtime } = world.simulation;
    const options = { runtime, transports: [...runtime.transports, needy, dialOnly] };
    const both = async (url: string) => [
      await refusal(world, connect(url, options)),
      await refusal(world, serve(url, {}, options)),
    ];
    expect(await both("nonsense")).toEqual(
      Array(2).fill('UsageError bad-argument: Cannot use "nonsense": it is not a URL like tcp://host:7000'),
    );
    expect(await both("localhost:7000")).toEqual(
      ["dial", "listen"].map((use) =>
        `UsageError unknown-scheme: Cannot ${use} localhost:7000: no transport here has the scheme "localhost"; ` +
        "use one of: sim, tcp, out"
      ),
    );
    expect(await both("tcp://host:1")).toEqual(
      ["dial", "listen"].map((use) =>
        `UsageError missing-capability: Cannot ${use} tcp://host:1: the runtime "simulated" has no tcp; ` +
        "use another scheme or runtime"
      ),
    );
    expect(await refusal(world, serve("out://x", {}, options))).toBe(
      'UsageError missing-capability: Cannot listen on out://x: the transport "out" only dials',
    );
    expect(await refusal(world, connect("sim://nobody", options))).toBe(
      'LinkError link-refused: Cannot dial "nobody": nobody listens',
    );
    expect(await refusal(world, serve("sim://server", {}, options))).toBe(
      'LinkError port-in-use: Cannot listen: "server" is taken',
    );
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("a peer that does not speak RSocket", () => {
  /** A client of a server that only says this, and what its call hears. */
  async function against(say: Uint8Array | undefined, ends: boolean = false) {
    const world = new World();
    const far: Recording[] = [];
    world.simulation.network.listen("odd", "bytes", (link) => {
      far.push(record(link as Link));
      if (say !== undefined) (link as Link).send(say);
      if (ends) (link as Link).end();
    });
    const client = new RSocketClient("sim://odd", world.options);
    const error = (await world.fails(client.requestResponse("x"), 200_000)) as HeadraceError;
    await world.run(client.close());
    for (const { link } of far) link.end();
    expect(await world.close()).toEqual(NOTHING);
    return `${error.name} ${error.code}: ${error.message}`;
  }

  it("is named by a client: HTTP, TLS, SSH", async () => {
    expect(await against(utf8("HTTP/1.1 400 Bad Request\r\n\r\n"))).toBe(
      "PeerError not-rsocket: Cannot speak RSocket with the peer: it speaks HTTP; check the port, or use a ws: URL " +
        "if it serves WebSocket",
    );
  });

  it("is a breach, a silence or an end for a client", async () => {
    expect(await against(new Uint8Array([0, 0, 6, 0, 0, 0, 0, 0xfd, 0xff]))).toMatch(/^PeerError frame-/);
    expect(await against(new Uint8Array(300).fill(0xff))).toMatch(/^(PeerError|LinkError) /);
    expect(await against(undefined, true)).toMatch(/^LinkError link-closed: The connection ended/);
    expect(await against(undefined)).toMatch(/^PeerError keepalive-timeout: The peer was silent for 90000 ms/);
  });

  it("is told by a server, closed, and forgotten", async () => {
    const cases: [string, Uint8Array, RegExp][] = [
      ["HTTP", utf8("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), /^PeerError not-rsocket .*HTTP/],
      ["TLS", new Uint8Array([0x16, 0x03, 0x01, 0, 5, 1, 0, 0, 1, 0]), /^PeerError not-rsocket .*TLS/],
      ["garbage", new Uint8Array([0, 0, 7, 1, 2, 3, 4, 5, 6, 7]), /^PeerError setup-invalid /],
      ["a frame without end", new Uint8Array([0xf0, 0, 0, 1]), /^PeerError setup-invalid .*larger than 65536 bytes/],
    ];
    for (const [name, bytes, expected] of cases) {
      const world = new World({ server: { limits: { setupTimeoutMs: 1_000 } } });
      const link = record((await world.run(world.simulation.network.dial("server"))) as Link);
      const { socket } = world;
      link.link.send(bytes);
      const late = failureOf(socket.requestResponse("x"));
      const { error } = await world.run(socket.closed);
      await world.advance(2_000);
      expect(`${error?.name} ${(error as HeadraceError).code} ${error?.message} (${name})`).toMatch(expected);
      expect((await late) instanceof HeadraceError).toBe(true);
      expect([link.ends, link.closes.length, world.server.sockets.size]).toEqual([1, 1, 0]);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("does not disturb the others", async () => {
    const world = new World({ handler: { requestResponse: (payload) => payload } });
    await world.connect();
    const link = record((await world.run(world.simulation.network.dial("server"))) as Link);
    for (let n = 0; n < 50; n++) link.link.send(new Uint8Array(1_000).fill(n));
    expect((await world.run(world.client.requestResponse("fine"))).data.length).toBe(4);
    await world.advance(10_000);
    expect(world.server.sockets.size).toBe(1);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("a listener that is refused", () => {
  it("leaves a server that can still be used", async () => {
    const world = new World();
    const server = new RSocketServer({}, world.options);
    await world.fails(server.listen("nonsense"));
    await world.run(server.listen("sim://fine"));
    expect(server.urls).toEqual(["sim://fine?kind=bytes"]);
    await world.run(server.close());
    expect(await world.close()).toEqual(NOTHING);
  });
});
