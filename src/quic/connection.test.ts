// The QUIC machine on a scripted engine, in virtual time: what the machine itself does with time, buffers and lists.
import { describe, expect, it } from "#test";
import { slabPool } from "../bytes/slabs.ts";
import { UsageError } from "../contract/errors.ts";
import { QuicConnection } from "./connection.ts";
import type { EngineConnection, QuicError, StreamFault, StreamRead } from "./engine.ts";

/** An engine that says what the test tells it to say, and notes every time it is given. */
class Script implements EngineConnection {
  readonly role = "server";
  readonly maxPacketBytes = 1_200;
  established = true;
  draining = false;
  closed = false;
  timedOut = false;
  readonly alpn = "rsocket";
  readonly peerCertificates: readonly Uint8Array[] = [];
  peerError: QuicError | undefined;
  localError: QuicError | undefined;
  readonly maxDatagramBytes = 0;
  timeout: number | undefined;
  packets: number[] = [];
  reads = new Map<number, (StreamRead | StreamFault)[]>();
  writes = new Map<number, number | StreamFault>();
  readonly times: number[] = [];

  receivePacket(packet: Uint8Array, nowMs: number): boolean {
    this.times.push(nowMs);
    packet.fill(0);
    return true;
  }
  sendPacket(into: Uint8Array, nowMs: number): number {
    this.times.push(nowMs);
    const length = this.packets.shift() ?? 0;
    into.fill(length & 0xff, 0, length);
    return length;
  }
  timeoutMs(): number | undefined {
    return this.timeout;
  }
  onTimeout(nowMs: number): void {
    this.times.push(nowMs);
  }
  readable(): number[] {
    return [...this.reads.keys()];
  }
  streamSend(id: number, bytes: Uint8Array): number | StreamFault {
    const room = this.writes.get(id) ?? 0;
    return typeof room === "number" ? Math.min(room, bytes.length) : room;
  }
  streamReceive(id: number): StreamRead | StreamFault | undefined {
    return this.reads.get(id)?.shift();
  }
  streamShutdown(): boolean {
    return true;
  }
  streamCapacity(id: number): number | StreamFault {
    return this.writes.get(id) ?? 0;
  }
  streamsLeft(): number {
    return 1;
  }
  sendDatagram(): boolean {
    return false;
  }
  receiveDatagram(): Uint8Array | undefined {
    return undefined;
  }
  close(code: number, reason: Uint8Array): void {
    this.localError = { application: true, code, reason };
    this.draining = true;
  }
  stats(): { packetsReceived: 0; packetsSent: 0; packetsLost: 0; bytesReceived: 0; bytesSent: 0 } {
    return { packetsReceived: 0, packetsSent: 0, packetsLost: 0, bytesReceived: 0, bytesSent: 0 };
  }
}

function scripted(): { engine: Script; machine: QuicConnection; all: () => unknown[] } {
  const engine = new Script();
  const machine = new QuicConnection({ engine, slabs: slabPool(), nowMs: 1_000 });
  const all = () => {
    const outputs: unknown[] = [];
    for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
      outputs.push(output.type === "event" ? output.event : output.type === "send" ? output.bytes.length : output);
    }
    machine.released();
    return outputs;
  };
  return { engine, machine, all };
}

describe("quic connection", () => {
  it("turns the engine's durations into deadlines of its own time, and gives it no other time", () => {
    const { engine, machine, all } = scripted();
    expect(machine.deadline).toBe(Infinity);
    engine.timeout = 25;
    all();
    expect(machine.deadline).toBe(1_025);
    engine.timeout = 300;
    machine.tick(1_025);
    all();
    expect(machine.deadline).toBe(1_325);
    engine.timeout = undefined;
    machine.receive(new Uint8Array(3), 1_100);
    all();
    expect(machine.deadline).toBe(Infinity);
    expect([...new Set(engine.times)]).toEqual([1_000, 1_025, 1_100]);
  });

  it("ends after the idle time in virtual time, with an engine that takes the time", () => {
    const { engine, machine, all } = scripted();
    engine.timeout = 30_000;
    all();
    machine.tick(machine.deadline);
    engine.closed = engine.timedOut = true;
    expect(all()).toMatchObject([{ type: "closed", by: "idle" }, { type: "close", info: { code: "idle-timeout" } }]);
    expect(machine.deadline).toBe(Infinity);
  });

  it("gives every packet as a send of its own, after the events, and leaves what it was lent unchanged", () => {
    const { engine, machine, all } = scripted();
    engine.packets = [1_200, 1_200, 40];
    const lent = Uint8Array.of(1, 2, 3);
    machine.receive(lent, 1_001);
    expect(all()).toEqual([{ type: "established", alpn: "rsocket" }, 1_200, 1_200, 40]);
    expect([...lent]).toEqual([1, 2, 3]);
  });

  it("hears of a stop before the data of the same stream, because the read may end the stream in the engine", () => {
    const { engine, machine, all } = scripted();
    all();
    engine.reads.set(0, [{ fault: "reset", code: 42 }]);
    engine.writes.set(0, { fault: "stopped", code: 43 });
    machine.receive(new Uint8Array(1), 1_001);
    expect(all()).toEqual([
      { type: "opened", id: 0, unidirectional: false },
      { type: "stopped", id: 0, code: 43 },
      { type: "reset", id: 0, code: 42 },
    ]);
    machine.receive(new Uint8Array(1), 1_002);
    expect(all()).toEqual([]); // Still on the engine's lists, but not a new stream.
  });

  it("shows back-pressure: writes are taken in part, and writable comes once there is room", () => {
    const { engine, machine, all } = scripted();
    all();
    const id = machine.openStream()!;
    engine.writes.set(id, 10);
    expect(machine.write(id, new Uint8Array(30), true)).toBe(10);
    engine.writes.set(id, 0);
    machine.receive(new Uint8Array(1), 1_001);
    expect(all()).toEqual([]);
    engine.writes.set(id, 100);
    machine.receive(new Uint8Array(1), 1_002);
    expect(all()).toEqual([{ type: "writable", id }]);
    expect(machine.write(id, new Uint8Array(20), true)).toBe(20);
    expect(() => machine.write(id, new Uint8Array(1))).toThrow(UsageError);
  });

  it("stays after its own close until the engine is done, and takes no more commands", () => {
    const { engine, machine, all } = scripted();
    all();
    engine.timeout = 100;
    machine.close(7, "bye");
    machine.close(8, "again");
    expect(all()).toEqual([{ type: "closed", by: "self", application: true, code: 7, reason: "bye" }]);
    expect(machine.deadline).toBe(1_100);
    expect(() => machine.openStream()).toThrow(UsageError);
    engine.closed = true;
    machine.tick(1_100);
    expect(all()).toEqual([{ type: "close", info: { code: "7", reason: "bye" } }]);
    machine.receive(new Uint8Array(1), 1_200);
    expect(all()).toEqual([]);
  });

  it("refuses commands before the handshake and streams that never were", () => {
    const { engine, machine, all } = scripted();
    engine.established = false;
    all();
    expect(() => machine.openStream()).toThrow(UsageError);
    engine.established = true;
    machine.receive(new Uint8Array(1), 1_001);
    all();
    expect(() => machine.write(400, new Uint8Array(1))).toThrow(UsageError);
    expect(() => machine.pause(-1)).toThrow(UsageError);
  });
});
