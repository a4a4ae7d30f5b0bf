// The Bun link against a made-up host that takes as many bytes as it is told to: what no real kernel does on request.
import { describe, expect, it } from "#test";
import type { CloseInfo, Link } from "../../src/contract/link.ts";
import type { BunHost, BunSocket, BunSocketHandlers, BunSocketOptions } from "./host.ts";
import { bunTcp } from "./tcp.ts";

/** A socket that takes `room` bytes and notes everything. */
class MadeUpSocket {
  data: never = undefined as never;
  readonly localAddress = "::1";
  readonly localPort = 1;
  readonly remoteAddress = "10.0.0.1";
  readonly remotePort = 2;
  readonly notes: string[] = [];
  taken = "";
  room = 0;
  setNoDelay(on: boolean): boolean {
    this.notes.push(`noDelay ${on}`);
    return true;
  }
  write(bytes: Uint8Array): number {
    const count = Math.min(this.room, bytes.length);
    if (count < 0) return -1;
    this.room -= count;
    this.taken += String.fromCharCode(...bytes.subarray(0, count));
    return count;
  }
  shutdown(): void {
    this.notes.push("shutdown");
  }
  terminate(): void {
    this.notes.push("terminate");
  }
  pause(): void {
    this.notes.push("pause");
  }
  resume(): void {
    this.notes.push("resume");
  }
}

interface Made {
  readonly socket: MadeUpSocket;
  readonly asBun: BunSocket<unknown>;
  readonly on: BunSocketHandlers<unknown>;
  readonly link: Link;
  readonly told: string[];
  readonly start: (onChunk?: () => void) => void;
}

/** A link with a mark of 8 bytes over a made-up socket. */
async function made(): Promise<Made> {
  const socket = new MadeUpSocket();
  const asBun: BunSocket<unknown> = socket;
  let on: BunSocketHandlers<unknown> | undefined;
  const host = {
    connect(options: BunSocketOptions<unknown>) {
      on = options.socket;
      on.open(asBun);
      return Promise.resolve(asBun);
    },
  } as unknown as BunHost;
  const link = await bunTcp(8, () => host).connect({ host: "10.0.0.1", port: 2 });
  const told: string[] = [];
  const start = (onChunk = () => {}) =>
    link.start({
      chunk(bytes) {
        told.push(`chunk ${String.fromCharCode(...bytes)}`);
        onChunk();
      },
      drain: () => void told.push("drain"),
      end: () => void told.push("end"),
      closed: (info: CloseInfo) => void told.push(`closed ${info.code} ${info.error?.name ?? "clean"}`),
    });
  return { socket, asBun, on: on as BunSocketHandlers<unknown>, link, told, start };
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe("a link over Bun's sockets", () => {
  it("keeps what was not taken, in order, and says when there is room", async () => {
    const { socket, asBun, on, link, told, start } = await made();
    start();
    expect(socket.notes).toEqual(["noDelay true"]);
    expect(link.info).toEqual({ scheme: "tcp", secure: false, local: "[::1]:1", remote: "10.0.0.1:2" });
    socket.room = 3;
    expect(link.send(ascii("abcdef"))).toBe(true);
    expect(link.buffered).toBe(3);
    socket.room = 100;
    expect(link.send(ascii("ghijk"))).toBe(false);
    expect(socket.taken).toBe("abc");
    expect(link.buffered).toBe(8);
    socket.room = 0;
    on.drain(asBun);
    expect(told).toEqual([]);
    socket.room = 4;
    on.drain(asBun);
    expect(socket.taken).toBe("abcdefg");
    expect(told).toEqual(["drain"]);
    expect(link.buffered).toBe(4);
    socket.room = 100;
    on.drain(asBun);
    on.drain(asBun);
    expect(socket.taken).toBe("abcdefghijk");
    expect(link.buffered).toBe(0);
    expect(told).toEqual(["drain"]);
  });

  it("sends FIN after the last byte, and takes nothing more", async () => {
    const { socket, asBun, on, link, told, start } = await made();
    start();
    link.send(ascii("last words"));
    link.end();
    link.end();
    expect(link.send(ascii("!"))).toBe(false);
    expect(socket.notes).not.toContain("shutdown");
    socket.room = 100;
    on.drain(asBun);
    on.drain(asBun);
    expect(socket.taken).toBe("last words");
    expect(socket.notes.filter((note) => note === "shutdown")).toHaveLength(1);
    // Bun tells the peer's FIN after its own only as a close.
    on.close(asBun);
    await Promise.resolve();
    expect(told).toEqual(["end", "closed link-closed clean"]);
  });

  it("holds what arrives before start, and stops telling it when paused in the middle", async () => {
    const { socket, asBun, on, link, told, start } = await made();
    on.data(asBun, ascii("a"));
    on.data(asBun, ascii("b"));
    on.end(asBun);
    expect(socket.notes).toContain("pause");
    start(() => link.pause());
    expect(told).toEqual([]);
    await Promise.resolve();
    expect(told).toEqual(["chunk a"]);
    on.data(asBun, ascii("c"));
    for (const _ of [1, 2, 3, 4]) {
      link.resume();
      await Promise.resolve();
    }
    expect(told).toEqual(["chunk a", "chunk b", "chunk c", "end"]);
    expect(socket.notes.at(-1)).toBe("resume");
  });

  it("tells a break at once, also when paused, and forgets what it held", async () => {
    const { asBun, on, link, told, start } = await made();
    start();
    link.send(ascii("never taken"));
    link.pause();
    on.data(asBun, ascii("never told"));
    on.close(asBun, Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    expect(told).toEqual([]);
    await Promise.resolve();
    expect(told).toEqual(["closed link-reset LinkError"]);
    expect(link.buffered).toBe(0);
    link.resume();
    link.abort();
    await Promise.resolve();
    expect(told).toHaveLength(1);
  });

  it("takes a close without FIN from this side for a break", async () => {
    const { asBun, on, told, start } = await made();
    start();
    on.close(asBun);
    await Promise.resolve();
    expect(told).toEqual(["closed link-reset LinkError"]);
  });

  it("waits for the close when the host takes no more", async () => {
    const { socket, link, told, start } = await made();
    start();
    socket.room = -1;
    expect(link.send(ascii("abc"))).toBe(true);
    expect(link.buffered).toBe(3);
    expect(told).toEqual([]);
  });
});
