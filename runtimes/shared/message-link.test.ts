// What a message link does over a host that cannot pause, and over one that closes at bad moments: with a made-up host.
import { describe, expect, it } from "#test";
import { Heard } from "./fixtures/heard.ts";
import { MessageLink, type MessageWire } from "./message-link.ts";

/** A host that takes everything, holds what the test says it holds, and cannot pause. */
class Wire implements MessageWire {
  buffered = 0;
  closedWith: number | undefined;
  terminated = 0;
  watched = 0;

  send(bytes: Uint8Array): void {
    this.buffered += bytes.length;
  }

  close(code: number): void {
    this.closedWith = code;
  }

  terminate(): void {
    this.terminated++;
  }

  watch(): void {
    this.watched++;
  }
}

function made(): { readonly wire: Wire; readonly link: MessageLink } {
  const wire = new Wire();
  const info = { scheme: "ws", secure: false };
  return { wire, link: new MessageLink(wire, { info, where: "there", maxMessageBytes: 100, highWaterBytes: 50 }) };
}

describe("a message link over a host that cannot pause", () => {
  it("holds two messages of the largest size while paused, and gives up at the next", async () => {
    const { wire, link } = made();
    const heard = new Heard(link);
    link.pause();
    link.arrived(new Uint8Array(100));
    link.arrived(new Uint8Array(100));
    expect(wire.closedWith).toBeUndefined();
    expect(heard.bytes).toBe(0);
    link.arrived(new Uint8Array(1));
    expect(wire.closedWith).toBe(1_009);
    link.gone(1_009, "");
    expect((await heard.whenClosed()).error).toMatchObject({ code: "link-reset" });
    expect(heard.info?.reason).toContain("cannot pause");
    expect(heard.bytes).toBe(0);
  });

  it("tells what it held, in order, and what came meanwhile behind it", async () => {
    const { link } = made();
    link.arrived(new Uint8Array([1]));
    const heard = new Heard(link);
    link.arrived(new Uint8Array([2]));
    await heard.until(() => heard.chunks.length === 2);
    link.arrived(new Uint8Array([3]));
    link.gone(1_000, "");
    await heard.whenClosed();
    expect(heard.chunks.map(([byte]) => byte)).toEqual([1, 2, 3]);
    expect(heard.ends).toBe(1);
  });

  it("looks for room after it said to wait, and drains once", async () => {
    const { wire, link } = made();
    const heard = new Heard(link);
    expect(link.send(new Uint8Array(49))).toBe(true);
    expect(wire.watched).toBe(0);
    expect(link.send(new Uint8Array(1))).toBe(false);
    expect(wire.watched).toBe(1);
    link.relieved();
    expect(heard.drains).toBe(0);
    wire.buffered = 49;
    link.relieved();
    link.relieved();
    expect(heard.drains).toBe(1);
    expect(link.buffered).toBe(49);
    link.gone(1_006, "");
    expect(link.buffered).toBe(0);
    expect((await heard.whenClosed()).error).toMatchObject({ code: "link-reset" });
  });
});

describe("a message link", () => {
  it("tells what it held before a clean end, also when paused at the time", async () => {
    const { link } = made();
    const heard = new Heard(link);
    link.pause();
    link.arrived(new Uint8Array(5));
    link.gone(1_000, "");
    await Promise.resolve();
    expect(heard.info).toBeUndefined();
    link.resume();
    expect(await heard.whenClosed()).toEqual({ code: "link-closed", reason: "ended by the peer" });
    expect(heard.bytes).toBe(5);
  });

  it("tells a break at once, also when paused, and nothing else", async () => {
    const { link } = made();
    const heard = new Heard(link);
    link.pause();
    link.arrived(new Uint8Array(5));
    link.gone(1_006, "");
    expect((await heard.whenClosed()).error).toMatchObject({ code: "link-reset" });
    expect([heard.bytes, heard.ends]).toEqual([0, 0]);
  });

  it("hears nothing more after abort, and says so once", async () => {
    const { wire, link } = made();
    const heard = new Heard(link);
    link.abort();
    link.abort();
    link.arrived(new Uint8Array(5));
    link.gone(1_000, "");
    link.gone(1_006, "");
    expect((await heard.whenClosed()).error).toMatchObject({ code: "link-closed" });
    expect([heard.bytes, heard.ends, wire.terminated]).toEqual([0, 0, 1]);
  });
});
