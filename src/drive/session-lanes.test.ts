// What a lane's link may tell, in an order that no simulated session has: a session made by hand.
import { describe, expect, it } from "#test";
import { type PlainEvent, PlainMachine } from "../../conformance/seeds/plain-machine.ts";
import { createSimulation } from "../../runtimes/simulated/mod.ts";
import type { Link, LinkSink, Session, SessionSink } from "../contract/link.ts";
import { Driver } from "./driver.ts";
import { driveOpened } from "./session.ts";

/** A link that says what it is asked, and whose sink the test holds. */
interface Stub extends Link {
  sink: LinkSink | undefined;
  takes: boolean;
  buffered: number;
  readonly calls: string[];
}

function stub(): Stub {
  const calls: string[] = [];
  const made: Stub = {
    kind: "bytes",
    info: { scheme: "stub", secure: false },
    sink: undefined,
    takes: true,
    buffered: 0,
    calls,
    start: (sink) => void (made.sink = sink),
    send: (bytes) => {
      calls.push(`send ${bytes.length}`);
      return made.takes;
    },
    pause: () => void calls.push("pause"),
    resume: () => void calls.push("resume"),
    end: () => void calls.push("end"),
    abort: (code) => void calls.push(`abort ${code}`),
    reset: (code) => void calls.push(`reset ${code}`),
    stop: (code) => void calls.push(`stop ${code}`),
  };
  return made;
}

async function byHand() {
  const { clock, slabs } = createSimulation(1).runtime;
  const links: Stub[] = [];
  const closes: string[] = [];
  const told: string[] = [];
  let sink: SessionSink | undefined;
  const session: Session = {
    kind: "session",
    info: { scheme: "stub", secure: false },
    start: (given) => void (sink = given),
    open: async () => (links.push(stub()), links.at(-1)!),
    maxDatagramBytes: 0,
    sendDatagram: () => false,
    close: (code, reason) => void closes.push(`${code} ${reason}`),
  };
  const machine = new PlainMachine(slabs);
  const driver = await driveOpened<PlainEvent>(session, clock, (link, lanes) => {
    const made: Driver<PlainEvent> = new Driver(machine, link, clock, {
      event: (event) => void told.push(`${event.lane} ${event.what}`),
      writable: () => void told.push("writable"),
      closedBy: (info) => void told.push(`closed ${info.code}`),
    }, lanes);
    return { machine, driver: made };
  });
  driver.start();
  const open = async (lane: number): Promise<Stub> => {
    machine.say({ type: "open", lane });
    driver.pump();
    await Promise.resolve();
    return links.at(-1)!;
  };
  return { machine, driver, links, closes, told, open, sink: () => sink! };
}

describe("a lane", () => {
  it("that ends while it is full holds up nobody", async () => {
    const { machine, driver, told, open } = await byHand();
    const lane = await open(2);
    lane.takes = false;
    machine.write(new Uint8Array(1), 2);
    driver.pump();
    expect(driver.isWritable).toBe(false);
    lane.sink!.closed({ code: "aborted", reason: "" });
    expect([driver.isWritable, told]).toEqual([true, ["writable"]]);
  });

  it("is lost when its link fails, and only then", async () => {
    const { told, open } = await byHand();
    const error = new Error("gone");
    (await open(2)).sink!.closed({ code: "aborted", reason: "" });
    expect(told).toEqual([]);
    (await open(4)).sink!.closed({ code: "9", reason: "", error, resetCode: 9 });
    (await open(6)).sink!.closed({ code: "x", reason: "", error });
    expect(told.splice(0)).toEqual(["4 reset 9", "6 reset 0"]);
    const ended = await open(8);
    ended.sink!.end();
    ended.sink!.closed({ code: "x", reason: "", error });
    const reset = await open(10);
    reset.sink!.reset!(7);
    reset.sink!.stop!(8);
    reset.sink!.closed({ code: "x", reason: "", error });
    expect(told).toEqual(["8 end", "10 reset 7", "10 stop 8"]);
  });

  it("passes on what the machine says of it, and nothing after it is gone", async () => {
    const { machine, driver, open } = await byHand();
    const lane = await open(2);
    for (const type of ["pause", "resume", "end"] as const) machine.say({ type, lane: 2 });
    for (const type of ["reset", "stop"] as const) machine.say({ type, lane: 2, code: 5 });
    machine.say({ type: "sign", nonce: new Uint8Array(1) } as never);
    expect(() => driver.pump()).toThrow("sign");
    expect(lane.calls).toEqual(["pause", "resume", "end", "reset 5", "stop 5"]);
    Object.assign(lane, { reset: undefined, stop: undefined });
    for (const type of ["reset", "stop"] as const) machine.say({ type, lane: 2, code: 6 });
    driver.pump();
    expect(lane.calls.slice(5)).toEqual(["abort 6"]);
    lane.sink!.closed({ code: "closed", reason: "" });
    machine.write(new Uint8Array(1), 2);
    driver.pump();
    expect(lane.calls).toHaveLength(6);
  });

  it("counts among what the machine's memory is needed for, also before it is open", async () => {
    const { machine, driver, links, open } = await byHand();
    machine.say({ type: "open", lane: 2 });
    machine.write(new Uint8Array(5), 2);
    driver.pump();
    expect(machine.releases).toBe(0);
    await Promise.resolve();
    await Promise.resolve();
    expect([links.at(-1)!.calls, machine.releases]).toEqual([["send 5"], 1]);
    const lane = await open(4);
    lane.buffered = 3;
    machine.write(new Uint8Array(3), 4);
    driver.pump();
    expect(machine.releases).toBe(1);
    lane.buffered = 0;
    lane.sink!.drain();
    expect(machine.releases).toBe(2);
  });
});

describe("the session", () => {
  it("is closed with lane 0, with a code that says whether it was clean", async () => {
    for (const error of [undefined, new Error("broken")]) {
      const { machine, driver, links, closes, told, sink } = await byHand();
      machine.close({ code: "over", reason: "why", ...(error && { error }) });
      driver.pump();
      expect([told, closes, links[0]!.calls]).toEqual([["0 closing", "closed over"], [], ["resume", "end"]]);
      links[0]!.sink!.closed({ code: "closed", reason: "" });
      sink().closed({ code: "0", reason: "told of it too" });
      expect(closes).toEqual([error === undefined ? "0 why" : "1 why"]);
      await driver.gone();
    }
  });

  it("takes the machine with it when it ends, cleanly or not", async () => {
    const { told, sink, driver } = await byHand();
    sink().datagram(new Uint8Array(1));
    sink().closed({ code: "0", reason: "bye" });
    expect(told).toEqual(["0 end: The session ended: bye", "0 closing", "closed closed"]);
    await driver.gone();
  });
});
