// A QUIC client and server as two machines joined in memory: everything a session needs, and nothing of a socket.
// quiche reads the real clock, so the few tests about time wait for real milliseconds; all others need none.
import { describe, expect, it } from "#test";
import { UsageError } from "../../src/contract/errors.ts";
import type { QuicEngine } from "../../src/quic/engine.ts";
import { DEFAULT_PARAMETERS } from "../../src/quic/parameters.ts";
import { echo, noise, Pair, type PairOptions, sender } from "./fixtures/quic-pair.ts";
import { loadQuiche } from "./quiche.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (content: string) => new TextEncoder().encode(content);

/** The engine is loaded by the first test that needs it, and never at import. */
let loaded: Promise<QuicEngine> | undefined;
async function connected(options: PairOptions = {}): Promise<Pair> {
  return new Pair(await (loaded ??= loadQuiche()), options).run();
}

/** Code, and the class of the error if there is one. */
const ended = (side: Pair["client"]) => [side.closeInfo?.code, side.closeInfo?.error?.name];

describe("quiche: the handshake", () => {
  it("chooses the protocol and shows the certificate", async () => {
    const { client, server } = await connected();
    expect(client.of("established")).toEqual([{ type: "established", alpn: "rsocket" }]);
    expect(server.of("established")).toEqual([{ type: "established", alpn: "rsocket" }]);
    expect(client.machine.peerCertificates).toHaveLength(1);
    expect(client.machine.peerCertificates[0]?.[0]).toBe(0x30);
  });

  it("ends with a LinkError on both sides when no protocol is common", async () => {
    const pair = await connected({ clientAlpn: "other" });
    await pair.runUntil(() => pair.client.closeInfo !== undefined);
    expect(ended(pair.client)).toEqual(["transport-376", "LinkError"]);
    expect(pair.server.of("closed")).toMatchObject([{ by: "self", application: false, code: 376 }]);
  });

  it("ends with a LinkError when the certificate is for another name", async () => {
    const pair = await connected({ serverName: "elsewhere.example" });
    await pair.runUntil(() => pair.client.closeInfo !== undefined);
    expect(ended(pair.client)).toEqual(["transport-298", "LinkError"]);
    expect(ended(pair.server)).toEqual(["transport-298", "LinkError"]);
  });

  it("tells how to install the engine when it is missing", async () => {
    const failure = await loadQuiche(() => Promise.reject(new Error("not found"))).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(failure).toMatchObject({ code: "missing-package" });
    expect((failure as Error).message).toContain("npm install @matrixai/quic");
  });

  it("refuses TLS material that is none", async () => {
    const engine = await (loaded ??= loadQuiche());
    const tls = { certificateChain: "no", privateKey: "no", verifyPeer: false };
    expect(() => engine.configure({ tls, alpn: ["rsocket"], parameters: DEFAULT_PARAMETERS })).toThrow(UsageError);
  });
});

describe("quiche: streams", () => {
  it("echoes 1 MiB on one stream and ends it both ways", async () => {
    const pair = await connected();
    const { client, server } = pair;
    const payload = noise(1 << 20, 7);
    echo(server);
    const id = client.machine.openStream()!;
    const send = sender(client, id, payload);
    client.hear = (event) => event.type === "writable" && send();
    send();
    pair.run();
    expect(client.received(id).length).toBe(payload.length);
    expect(client.received(id).every((byte, at) => byte === payload[at])).toBe(true);
    expect(client.of("data").at(-1)?.fin).toBe(true);
    expect(client.of("writable").length).toBeGreaterThan(0);
  });

  it("carries 60 streams at once", async () => {
    const pair = await connected();
    echo(pair.server);
    const ids = Array.from({ length: 60 }, () => pair.client.machine.openStream()!);
    for (const id of ids) pair.client.machine.write(id, bytes(`stream ${id}`), true);
    pair.run();
    expect(ids.map((id) => text(pair.client.received(id)))).toEqual(ids.map((id) => `stream ${id}`));
    expect(pair.server.of("opened").map((event) => event.id).toSorted((a, b) => a - b)).toEqual(ids);
  });

  it("carries unidirectional streams both ways", async () => {
    const pair = await connected();
    for (const side of [pair.client, pair.server]) {
      const id = side.machine.openStream(true)!;
      side.machine.write(id, bytes(`from ${id}`), true);
    }
    pair.run();
    expect(pair.server.of("opened")).toEqual([{ type: "opened", id: 2, unidirectional: true }]);
    expect(text(pair.server.received(2))).toBe("from 2");
    expect(text(pair.client.received(3))).toBe("from 3");
    expect(() => pair.server.machine.write(2, bytes("no"))).toThrow(UsageError);
  });

  it("tells the other side of a reset and of a stop, with their codes", async () => {
    const pair = await connected();
    const id = pair.client.machine.openStream()!;
    pair.client.machine.write(id, bytes("begun"));
    pair.run();
    pair.client.machine.shutdown(id, "write", 42);
    pair.client.machine.shutdown(id, "read", 43);
    pair.run();
    expect(pair.server.of("reset")).toEqual([{ type: "reset", id, code: 42 }]);
    expect(pair.server.of("stopped")).toEqual([{ type: "stopped", id, code: 43 }]);
    expect(() => pair.server.machine.write(id, bytes("late"))).toThrow(UsageError);
    expect(pair.client.of("reset")).toEqual([]);
  });

  it("tells a sender that waits for room that it was stopped", async () => {
    const pair = await connected({ parameters: { streamWindowBytes: 1_000, maxStreamWindowBytes: 1_000 } });
    pair.server.hear = (event) => event.type === "opened" && pair.server.machine.pause(event.id);
    const id = pair.client.machine.openStream()!;
    expect(pair.client.machine.write(id, noise(5_000, 1))).toBe(1_000);
    pair.run();
    expect(pair.client.of("writable")).toEqual([]);
    pair.server.machine.shutdown(id, "read", 43);
    pair.run();
    expect(pair.client.of("stopped")).toEqual([{ type: "stopped", id, code: 43 }]);
  });

  it("holds the sender back while the receiver pauses", async () => {
    const pair = await connected({ parameters: { streamWindowBytes: 10_000, maxStreamWindowBytes: 10_000 } });
    pair.server.hear = (event) => event.type === "opened" && pair.server.machine.pause(event.id);
    const id = pair.client.machine.openStream()!;
    const send = sender(pair.client, id, noise(50_000, 2));
    pair.client.hear = (event) => event.type === "writable" && send();
    send();
    pair.run();
    expect(pair.server.of("data")).toEqual([]);
    expect(pair.client.of("writable")).toEqual([]);
    pair.server.machine.resume(id);
    pair.run();
    expect(pair.server.received(id)).toHaveLength(50_000);
  });

  it("says when the peer allows more streams", async () => {
    const pair = await connected({ parameters: { maxBidirectionalStreams: 2 } });
    echo(pair.server);
    const ids = [0, 1].map(() => pair.client.machine.openStream()!);
    expect(pair.client.machine.openStream()).toBeUndefined();
    for (const id of ids) pair.client.machine.write(id, bytes("x"), true);
    pair.run();
    expect(pair.client.of("streams-available")).toEqual([{ type: "streams-available", unidirectional: false }]);
    expect(pair.client.machine.openStream()).toBe(8);
  });
});

describe("quiche: datagrams, ends and time", () => {
  it("carries datagrams both ways, and none that is too large", async () => {
    const pair = await connected();
    expect(pair.client.machine.sendDatagram(bytes("to the server"))).toBe(true);
    expect(pair.server.machine.sendDatagram(bytes("to the client"))).toBe(true);
    expect(pair.client.machine.sendDatagram(new Uint8Array(pair.client.machine.maxDatagramBytes + 1))).toBe(false);
    pair.run();
    expect(pair.server.of("datagram").map((event) => text(event.bytes))).toEqual(["to the server"]);
    expect(pair.client.of("datagram").map((event) => text(event.bytes))).toEqual(["to the client"]);
  });

  it("tells code and reason of a close to the peer, and ends both", async () => {
    const pair = await connected();
    pair.client.machine.close(7, "bye");
    pair.run();
    expect(pair.server.of("closed")).toEqual([
      { type: "closed", by: "peer", application: true, code: 7, reason: "bye" },
    ]);
    expect(pair.server.closeInfo).toEqual({ code: "7", reason: "bye" });
    expect(pair.client.closeInfo).toBeUndefined(); // It stays for a moment to repeat itself to late packets.
    expect(() => pair.client.machine.openStream()).toThrow(UsageError);
    await pair.runUntil(() => pair.client.closeInfo !== undefined);
    expect(pair.client.closeInfo).toEqual({ code: "7", reason: "bye" });
    expect([pair.client.machine.deadline, pair.server.machine.deadline]).toEqual([Infinity, Infinity]);
  });

  it("ends when nothing came for the idle time (real milliseconds: the engine reads the clock)", async () => {
    const pair = await connected({ parameters: { maxIdleTimeoutMs: 60 } });
    expect(pair.client.machine.deadline - pair.now()).toBeLessThan(62);
    pair.carries = () => false;
    await pair.runUntil(() => pair.client.closeInfo !== undefined && pair.server.closeInfo !== undefined);
    expect(ended(pair.client)).toEqual(["idle-timeout", "LinkError"]);
    expect(ended(pair.server)).toEqual(["idle-timeout", "LinkError"]);
  });

  it("ends at once when the link below does", async () => {
    const pair = await connected();
    pair.client.machine.receiveEnd(pair.now(), 0, new Error("socket closed"));
    pair.run();
    expect(pair.client.of("closed")).toMatchObject([{ by: "link" }]);
    expect(pair.client.closeInfo).toMatchObject({ code: "link-closed", reason: "socket closed" });
  });

  it("delivers everything although one packet in ten is lost (real milliseconds)", async () => {
    const pair = await connected({ parameters: { maxAckDelayMs: 1 } });
    const losses = noise(100_000, 3);
    let sent = 0;
    pair.carries = () => losses[sent++ % losses.length]! >= 26;
    echo(pair.server);
    const payload = noise(200_000, 4);
    const id = pair.client.machine.openStream()!;
    const send = sender(pair.client, id, payload);
    pair.client.hear = (event) => event.type === "writable" && send();
    send();
    await pair.runUntil(() => pair.client.of("data").at(-1)?.fin === true);
    expect(pair.client.received(id).every((byte, at) => byte === payload[at])).toBe(true);
    expect(pair.client.received(id)).toHaveLength(payload.length);
    expect(pair.client.machine.stats.packetsLost + pair.server.machine.stats.packetsLost).toBeGreaterThan(10);
  }, 10_000);
});
