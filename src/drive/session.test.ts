// Machines over the streams of a session: two RSocket connections with a stream for each request, and the plain machine
// for what they never do. The proof that lanes are enough for QUIC and WebTransport.
import { describe, expect, it } from "#test";
import { type PlainEvent, PlainMachine } from "../../conformance/seeds/plain-machine.ts";
import { createSimulation, record, type Shape, type Simulation } from "../../runtimes/simulated/mod.ts";
import type { CloseInfo, Link, Session } from "../contract/link.ts";
import { RSocketConnection, type RSocketEvent } from "../rsocket/mod.ts";
import { Driver } from "./driver.ts";
import { driveAccepted, driveOpened } from "./session.ts";

interface Side {
  readonly machine: RSocketConnection<string>;
  readonly driver: Driver<RSocketEvent<string>>;
  readonly told: string[];
  readonly closes: CloseInfo[];
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const utf8 = (value: string) => new TextEncoder().encode(value);

function line(event: RSocketEvent<string>): string {
  switch (event.type) {
    case "request":
      return `${event.interaction} ${event.id} ${text(event.data)}`;
    case "payload":
      return `payload ${event.context} ${text(event.data)}${event.complete ? " last" : ""}`;
    case "error":
      return `error ${event.context} ${event.error.code}`;
    case "complete":
    case "cancel":
      return `${event.type} ${event.context}`;
    case "requestN":
      return `requestN ${event.context} ${event.n}`;
    default:
      return event.type;
  }
}

/** A side that drives an RSocket connection over a session; a server accepts everybody. */
async function side(simulation: Simulation, role: "client" | "server", session: Session): Promise<Side> {
  const { clock, slabs } = simulation.runtime;
  const machine = new RSocketConnection<string>(
    { role, framing: "prefixed", mapping: "stream-per-request", slabs },
    clock.now(),
  );
  const told: string[] = [];
  const closes: CloseInfo[] = [];
  const make = (link: Link, lanes: ConstructorParameters<typeof Driver>[4]) => {
    const driver: Driver<RSocketEvent<string>> = new Driver(machine, link, clock, {
      event(event) {
        told.push(line(event));
        if (event.type === "request") machine.attach(event.id, `#${event.id}`);
        if (event.type === "setup") machine.accept();
      },
      writable() {},
      closedBy: (info) => void closes.push(info),
    }, lanes);
    return { machine, driver };
  };
  const driver = role === "client"
    ? await driveOpened(session, clock, make)
    : await driveAccepted(session, clock, 5_000, make);
  driver.start();
  return { machine, driver, told, closes };
}

async function joined(shape: Partial<Shape> = {}) {
  const simulation = createSimulation(3, { shape });
  const { network } = simulation;
  const accepting: Promise<Side>[] = [];
  network.listen("server", "session", (session) => accepting.push(side(simulation, "server", session as Session)));
  const session = (await simulation.complete(network.dial("server"))) as Session;
  const client = await simulation.complete(side(simulation, "client", session));
  await simulation.advance(100);
  const server = await simulation.complete(accepting[0]!);
  const say = async (who: Side, commands: () => void) => {
    commands();
    who.driver.touch();
    await simulation.advance(50);
  };
  return { simulation, client, server, say };
}

describe("RSocket over a session, a stream for each request", () => {
  it("joins client and server over lane 0", async () => {
    const { client, server, simulation } = await joined();
    expect([client.machine.state, server.machine.state, server.told]).toEqual(["open", "open", ["setup"]]);
    expect(simulation.trace.lines.filter((each) => each.endsWith("opened"))).toHaveLength(1);
  });

  it("answers two requests at once, each on a stream of its own, out of order", async () => {
    const { simulation, client, server, say } = await joined();
    await say(client, () => {
      client.machine.requestResponse(utf8("one"), undefined, "one");
      client.machine.requestStream(utf8("two"), undefined, 3, "two");
    });
    expect(server.told).toEqual(["setup", "response 1 one", "stream 3 two"]);
    const opened = simulation.trace.lines.filter((each) => each.endsWith("opened"));
    expect(opened.map((each) => each.split(" ")[1])).toEqual(["n1/up0", "n1/up1", "n1/up2"]);
    await say(server, () => server.machine.payload(3, utf8("a"), undefined, false));
    await say(server, () => server.machine.payload(1, utf8("b"), undefined, true));
    await say(server, () => server.machine.payload(3, utf8("c"), undefined, true));
    expect(client.told).toEqual(["payload two a", "payload one b last", "payload two c last"]);
    expect([client.machine.liveStreams, server.machine.liveStreams]).toEqual([0, 0]);
  });

  it("lets the server ask too, and both ends number their lanes alike", async () => {
    const { client, server, say } = await joined();
    await say(server, () => void server.machine.requestResponse(utf8("back"), undefined, "back"));
    await say(client, () => void client.machine.requestResponse(utf8("forth"), undefined, "forth"));
    await say(client, () => client.machine.payload(2, utf8("1"), undefined, true));
    await say(server, () => server.machine.payload(1, utf8("2"), undefined, true));
    expect([server.told.at(-1), client.told.at(-1)]).toEqual(["payload back 1 last", "payload forth 2 last"]);
  });

  it("carries a channel both ways, its demand, and a cancel", async () => {
    const { client, server, say } = await joined();
    await say(client, () => void client.machine.requestChannel(utf8("c"), undefined, 2, false, "c"));
    await say(server, () => server.machine.requestN(1, 5));
    await say(client, () => client.machine.payload(1, utf8("x"), undefined, false));
    await say(server, () => server.machine.payload(1, utf8("y"), undefined, false));
    await say(client, () => client.machine.cancel(1));
    expect(client.told).toEqual(["requestN c 5", "payload c y"]);
    expect(server.told).toEqual(["setup", "channel 1 c", "payload #1 x", "cancel #1"]);
    expect([client.machine.liveStreams, server.machine.liveStreams]).toEqual([0, 0]);
  });

  it("ends every lane of a request that is over, whatever its end was", async () => {
    const { simulation, client, server, say } = await joined();
    await say(client, () => void client.machine.fireAndForget(utf8("f"), undefined));
    await say(client, () => {
      client.machine.requestResponse(utf8("r"), undefined, "r");
      client.machine.requestResponse(utf8("e"), undefined, "e");
      client.machine.requestStream(utf8("s"), undefined, 1, "s");
      client.machine.requestStream(utf8("x"), undefined, 1, "x");
    });
    await say(server, () => {
      server.machine.payload(3, utf8("1"), undefined, true);
      server.machine.fail(5, 0x201, "no");
      server.machine.complete(7);
    });
    await say(client, () => client.machine.cancel(9));
    await simulation.advance(100);
    const lanes = simulation.trace.lines.filter((each) => / n1\/up[1-9] (up|down) end closed closed$/.test(each));
    expect(lanes).toHaveLength(10); // five lanes, two ends each
    expect(client.told).toEqual(["payload r 1 last", "error e application-error", "complete s"]);
    await say(client, () => client.machine.close(simulation.clock.now()));
    await simulation.advance(100);
    expect([client.closes.length, server.closes.length]).toEqual([1, 1]);
    expect(simulation.trace.lines.filter((each) => / n1 (up|down) close 0 /.test(each))).toHaveLength(1);
    expect(simulation.trace.lines.filter((each) => each.includes("/up0") && each.includes("end closed"))).toHaveLength(
      2,
    );
    expect(simulation.clock.pending).toBe(0);
  });

  it("loses one request with a reset lane, and only that one", async () => {
    const simulation = createSimulation(3);
    const { network } = simulation;
    const links: Link[] = [];
    network.listen("server", "session", (session) => {
      (session as Session).start({ stream: (link) => void links.push(record(link).link), datagram() {}, closed() {} });
    });
    const session = (await simulation.complete(network.dial("server"))) as Session;
    const client = await simulation.complete(side(simulation, "client", session));
    client.machine.requestResponse(utf8("one"), undefined, "one");
    client.machine.requestResponse(utf8("two"), undefined, "two");
    client.driver.touch();
    await simulation.advance(50);
    expect(links).toHaveLength(3);
    links[1]!.abort(7);
    await simulation.advance(50);
    expect(client.told).toEqual(["error one link-reset"]);
    expect([client.machine.state, client.machine.liveStreams]).toEqual(["open", 1]);
    links[2]!.end(); // an end before the answer is a loss too
    await simulation.advance(50);
    expect(client.told).toEqual(["error one link-reset", "error two link-reset"]);
    expect(client.closes).toEqual([]);
  });

  it("loses every request with the session", async () => {
    const { simulation, client, server, say } = await joined();
    await say(client, () => {
      client.machine.requestResponse(utf8("one"), undefined, "one");
      client.machine.requestStream(utf8("two"), undefined, 1, "two");
    });
    simulation.network.wire.cut();
    await simulation.advance(50);
    for (const { closes } of [client, server]) expect(closes.map(({ code }) => code)).toEqual(["link-reset"]);
    const errors = client.told.filter((each) => each.startsWith("error")).toSorted();
    expect(errors).toEqual(["error one link-reset", "error two link-reset"]);
    expect(server.told.filter((each) => each.startsWith("error"))).toHaveLength(2);
    expect(simulation.clock.pending).toBe(0);
  });

  it("keeps every byte when nothing about the network is kind", async () => {
    const rough = { jitterMs: 30, resegmentChance: 1, holdChance: 0.5, windowBytes: 700, highWaterBytes: 100 };
    const { client, server, say, simulation } = await joined(rough);
    const big = "0123456789".repeat(2_000);
    await say(client, () => {
      for (const name of ["a", "b", "c"]) client.machine.requestResponse(utf8(name + big), undefined, name);
    });
    await simulation.advance(10_000);
    expect(server.told.filter((each) => each.startsWith("response")).toSorted()).toEqual(
      ["1 a", "3 b", "5 c"].map((each) => `response ${each}${big}`),
    );
    await say(server, () => {
      for (const id of [5, 1, 3]) server.machine.payload(id, utf8(id + big), undefined, true);
    });
    await simulation.advance(10_000);
    const answers = [["a", 1], ["b", 3], ["c", 5]].map(([name, id]) => `payload ${name} ${id}${big} last`);
    expect(client.told.toSorted()).toEqual(answers);
  });
});

describe("driveAccepted()", () => {
  it("gives up a session whose first stream never comes", async () => {
    const simulation = createSimulation(1);
    let accepting: Promise<Side> | undefined;
    simulation.network.listen("server", "session", (session) => {
      accepting = side(simulation, "server", session as Session);
      accepting.catch(() => {});
    });
    const session = (await simulation.complete(simulation.network.dial("server"))) as Session;
    const closes: CloseInfo[] = [];
    session.start({ stream() {}, datagram() {}, closed: (info) => void closes.push(info) });
    await simulation.advance(6_000);
    expect(closes[0]?.reason).toContain("no stream was opened within 5000 ms");
    await expect(accepting!).rejects.toThrow("Cannot accept: no stream was opened within 5000 ms");
    expect(simulation.clock.pending).toBe(0);
  });

  it("rejects when the session ends first", async () => {
    const simulation = createSimulation(1);
    let accepting: Promise<Side> | undefined;
    simulation.network.listen("server", "session", (session) => {
      accepting = side(simulation, "server", session as Session);
      accepting.catch(() => {});
    });
    const session = (await simulation.complete(simulation.network.dial("server"))) as Session;
    session.close(0, "changed my mind");
    await simulation.advance(50);
    await expect(accepting!).rejects.toThrow("changed my mind");
    expect(simulation.clock.pending).toBe(0);
  });
});

describe("lanes of any machine", () => {
  /** A plain machine at the dialling end of a session; the test holds the other end. */
  async function plain(shape: Partial<Shape> = {}) {
    const simulation = createSimulation(1, { shape });
    const { clock, slabs } = simulation.runtime;
    const far: Link[] = [];
    let farSession: Session | undefined;
    simulation.network.listen("server", "session", (session) => {
      farSession = session as Session;
      farSession.start({ stream: (link) => void far.push(link), datagram() {}, closed() {} });
    });
    const session = (await simulation.complete(simulation.network.dial("server"))) as Session;
    const machine = new PlainMachine(slabs);
    const told: string[] = [];
    const driver = await driveOpened<PlainEvent>(session, clock, (link, lanes) => {
      const made: Driver<PlainEvent> = new Driver(machine, link, clock, {
        event: (event) => void told.push(`${event.lane} ${event.what} ${event.bytes.length}`),
        writable: () => void told.push("writable"),
        closedBy: (info) => void told.push(`closed ${info.code}`),
      }, lanes);
      return { machine, driver: made };
    });
    return { simulation, machine, driver, told, far, session: () => farSession! };
  }

  it("does before a lane is open what is said then, in order, when it is", async () => {
    const { simulation, machine, driver, far } = await plain();
    driver.start();
    machine.say({ type: "open", lane: 2 });
    machine.write(new Uint8Array(3), 2);
    machine.say({ type: "end", lane: 2 });
    driver.pump();
    await simulation.advance(10);
    const lane = record(far[1]!);
    await simulation.advance(10);
    expect([lane.bytes().length, lane.ends]).toEqual([3, 1]);
  });

  it("does not let a lane deliver before the driver was started", async () => {
    const { simulation, driver, told, session } = await plain();
    const link = await session().open();
    record(link);
    link.send(new Uint8Array(4));
    await simulation.advance(10);
    expect(told).toEqual([]);
    driver.start();
    await simulation.advance(10);
    expect(told).toEqual(["1 chunk 4"]);
  });

  it("waits as long as any lane is full, so that none of them grows without bound", async () => {
    const { simulation, machine, driver, told, far } = await plain({ windowBytes: 50, highWaterBytes: 100 });
    driver.start();
    for (const lane of [2, 4]) {
      machine.say({ type: "open", lane });
      machine.write(new Uint8Array(200), lane);
    }
    driver.pump();
    await simulation.advance(50);
    expect([driver.isWritable, far.length]).toEqual([false, 3]);
    record(far[1]!);
    await simulation.advance(50);
    expect([driver.isWritable, told]).toEqual([false, []]);
    record(far[2]!);
    await simulation.advance(50);
    expect([driver.isWritable, told]).toEqual([true, ["writable"]]);
  });

  it("goes on when the full lane is lost", async () => {
    const { simulation, machine, driver, told, far } = await plain({ windowBytes: 50, highWaterBytes: 100 });
    driver.start();
    machine.say({ type: "open", lane: 2 });
    machine.write(new Uint8Array(200), 2);
    driver.pump();
    await simulation.advance(50);
    expect(driver.isWritable).toBe(false);
    far[1]!.abort(9);
    await simulation.advance(50);
    expect(driver.isWritable).toBe(true);
    expect(told.toSorted()).toEqual(["2 reset 9 0", "writable"]);
  });

  it("gives up streams that go one way only", async () => {
    const { simulation, driver, told, session } = await plain();
    driver.start();
    const lane = record(await session().open({ unidirectional: true }));
    lane.link.send(new Uint8Array(4));
    await simulation.advance(50);
    expect([told, lane.closes.length]).toEqual([[], 1]);
  });

  it("tells of a lane that cannot be opened", async () => {
    const { simulation, machine, driver, told, session } = await plain();
    driver.start();
    machine.closesOnEnd = false;
    session().close(0, "no more");
    await simulation.advance(1);
    machine.say({ type: "open", lane: 2 });
    driver.pump();
    await simulation.advance(1);
    expect(told).toContain("2 reset 0 0");
  });

  it("pauses, resumes, resets and stops one lane", async () => {
    const { simulation, machine, driver, told, far } = await plain();
    driver.start();
    machine.say({ type: "open", lane: 2 });
    machine.write(new Uint8Array(1), 2);
    driver.pump();
    await simulation.advance(10);
    const lane = record(far[1]!);
    machine.say({ type: "pause", lane: 2 });
    driver.pump();
    lane.link.send(new Uint8Array(5));
    await simulation.advance(10);
    expect(told).toEqual([]);
    machine.say({ type: "resume", lane: 2 });
    driver.pump();
    await simulation.advance(10);
    expect(told).toEqual(["2 chunk 5"]);
    machine.say({ type: "reset", lane: 2, code: 6 });
    driver.pump();
    await simulation.advance(10);
    expect(simulation.trace.lines.some((each) => each.includes("/up1") && each.includes(" 6"))).toBe(true);
  });
});
