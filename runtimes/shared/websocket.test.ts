// WebSockets against peers made by hand: handshakes that are refused, frames that are wrong, messages that are too large.
// What they owe as links is in the link scenarios.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import type { HeadraceError } from "../../src/contract/errors.ts";
import type { CloseInfo, Link } from "../../src/contract/link.ts";
import type { WebSocketDialer, WebSocketServer, WebSocketServerOptions } from "../../src/contract/runtime.ts";
import { Heard } from "./fixtures/heard.ts";
import { handshakeText, OPCODES, opening, rawClient, type RawPeer, rawServer } from "./fixtures/raw-websocket.ts";
import { loadWs } from "./ws-package.ts";

const dialer = runtime.capabilities.webSocket as WebSocketDialer;
const server = runtime.capabilities.webSocketServer as WebSocketServer;
const maxMessageBytes = 1_000;

interface Served extends AsyncDisposable {
  readonly url: URL;
  readonly links: Heard[];
  /** The next link, or the one that came already. */
  link(): Promise<Heard>;
}

async function serve(options: Partial<WebSocketServerOptions> = {}): Promise<Served> {
  const links: Heard[] = [];
  let hear = () => {};
  const listener = await server.listen(
    { host: "127.0.0.1", port: 0, maxMessageBytes, handshakeTimeoutMs: 5_000, ...options },
    (link) => {
      links.push(new Heard(link));
      hear();
    },
  );
  return {
    url: new URL(`ws://127.0.0.1:${listener.port}${options.path ?? "/"}`),
    links,
    async link() {
      while (links[0] === undefined) await new Promise<void>((resolve) => hear = resolve);
      return links[0];
    },
    async [Symbol.asyncDispose]() {
      for (const { link } of links) link.abort();
      await listener.close();
    },
  };
}

async function answered(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<RawPeer> {
  const peer = await rawClient(url, handshakeText(url, headers));
  await peer.until(() => peer.head !== "");
  return peer;
}

async function statusOf(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const peer = await answered(url, headers);
  peer.socket.destroy();
  return peer.status;
}

async function rejection(work: Promise<unknown>): Promise<HeadraceError> {
  const outcome: unknown = await work.then(() => "it did not fail", (error: unknown) => error);
  expect(outcome).toBeInstanceOf(Error);
  return outcome as HeadraceError;
}

/** Dials a server by hand, which is closed when the work with the link is done. */
async function dialRaw(
  answer: (head: string, peer: RawPeer) => string,
  work: (link: Link) => Promise<void> | void = () => {},
  options: Partial<Parameters<WebSocketDialer["connect"]>[0]> = {},
): Promise<void> {
  const far = await rawServer(answer);
  try {
    const link = await dialer.connect({ url: far.url, maxMessageBytes, ...options });
    await work(link);
    link.abort();
  } finally {
    await far.close();
  }
}

/** Dials a server by hand that opens the WebSocket, and then does what the test says. */
async function withFar(work: (link: Link, far: RawPeer) => Promise<void>): Promise<void> {
  let far: RawPeer | undefined;
  const answer = (head: string, peer: RawPeer) => {
    far = peer;
    return opening(head);
  };
  await dialRaw(answer, (link) => work(link, far as RawPeer));
}

/** How the link ends that a peer by hand does this to. */
async function endOf(
  misbehave: (peer: RawPeer) => void,
): Promise<{ readonly info: CloseInfo; readonly code?: number }> {
  await using served = await serve();
  const peer = await answered(served.url);
  const heard = await served.link();
  misbehave(peer);
  const info = await heard.whenClosed();
  await peer.closed();
  const code = peer.closeCode;
  return { info, ...(code !== undefined && { code }) };
}

describe("a WebSocket server", () => {
  it("tells the request that opened a link", async () => {
    await using served = await serve({ path: "/rsocket" });
    await answered(new URL("?room=1&x", served.url), { "X-Api-Key": "k", Cookie: "a=1" });
    const { info } = (await served.link()).link;
    expect(info).toMatchObject({ scheme: "ws", secure: false, request: { path: "/rsocket", query: "room=1&x" } });
    expect(info.request?.headers.get("x-api-key")).toBe("k");
    expect(info.request?.headers.get("cookie")).toBe("a=1");
    expect(info.remote).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(info.local).toBe(served.url.host);
  });

  it("has one path when it is told one, and says nothing of itself", async () => {
    await using served = await serve({ path: "/rsocket" });
    const peer = await answered(new URL("/other", served.url));
    expect(peer.status).toBe(404);
    expect(peer.head.toLowerCase()).not.toMatch(/server:|x-powered-by:|bun|node|deno/);
    const plain = await rawClient(served.url, `GET /rsocket HTTP/1.1\r\nHost: ${served.url.host}\r\n\r\n`);
    await plain.until(() => plain.head !== "");
    expect(plain.status).toBe(426);
    expect(served.links).toHaveLength(0);
    for (const one of [peer, plain]) one.socket.destroy();
  });

  it("lets pages of its own in, and those it was told of", async () => {
    await using own = await serve();
    await using listed = await serve({ allowedOrigins: ["https://app.example"] });
    await using any = await serve({ allowedOrigins: ["*"] });
    expect(await statusOf(own.url)).toBe(101);
    expect(await statusOf(own.url, { Origin: `http://${own.url.host}` })).toBe(101);
    expect(await statusOf(own.url, { Origin: `https://${own.url.host}` })).toBe(101);
    expect(await statusOf(own.url, { Origin: "http://127.0.0.1:1" })).toBe(403);
    expect(await statusOf(own.url, { Origin: "https://evil.example" })).toBe(403);
    expect(await statusOf(own.url, { Origin: "null" })).toBe(403);
    expect(await statusOf(listed.url, { Origin: "https://app.example" })).toBe(101);
    expect(await statusOf(listed.url, { Origin: `http://${listed.url.host}` })).toBe(101);
    expect(await statusOf(listed.url, { Origin: "https://app.example.evil.example" })).toBe(403);
    expect(await statusOf(listed.url, { Origin: "http://app.example" })).toBe(403);
    expect(await statusOf(any.url, { Origin: "https://evil.example" })).toBe(101);
  });

  it("refuses an origin or a path that cannot be one, before it listens", async () => {
    for (const wrong of [{ allowedOrigins: ["app.example"] }, { allowedOrigins: ["https://a.b/c"] }, { path: "x" }]) {
      expect(await rejection(serve(wrong))).toMatchObject({ code: "bad-argument" });
    }
  });

  it("answers a subprotocol it speaks, and asks for none", async () => {
    await using served = await serve({ protocols: ["rsocket"] });
    const peer = await answered(served.url, { "Sec-WebSocket-Protocol": "other, rsocket" });
    expect(peer.head.toLowerCase()).toContain("sec-websocket-protocol: rsocket");
    expect(await statusOf(served.url)).toBe(101);
    peer.socket.destroy();
  });

  it("takes a hundred headers of 16 KiB, and no more", async () => {
    await using served = await serve();
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, "y"]));
    expect(await statusOf(served.url, many(95))).toBe(101);
    expect(await statusOf(served.url, many(96))).toBe(431);
    expect(await statusOf(served.url, many(150))).toBe(431);
    expect(await statusOf(served.url, { "x-long": "y".repeat(15_000) })).toBe(101);
    expect(await statusOf(served.url, { "x-long": "y".repeat(17_000) })).toBe(431);
  });

  it("refuses other versions and what is no HTTP", async () => {
    await using served = await serve();
    expect(await statusOf(served.url, { "Sec-WebSocket-Version": "12" })).toBeGreaterThanOrEqual(400);
    const peer = await rawClient(served.url, "HELO example.org\r\n\r\n");
    await peer.closed();
    expect([0, 400]).toContain(peer.status);
    expect(served.links).toHaveLength(0);
  });

  it("takes a message of the largest size, whole or in fragments, and closes with 1009 for a larger one", async () => {
    await using served = await serve();
    const peer = await answered(served.url);
    const heard = await served.link();
    peer.send(OPCODES.binary, new Uint8Array(maxMessageBytes));
    peer.send(OPCODES.binary, new Uint8Array(600), { fin: false });
    peer.send(OPCODES.ping, "between");
    peer.send(OPCODES.continuation, new Uint8Array(400));
    await heard.until(() => heard.chunks.length === 2);
    expect(heard.chunks.map((chunk) => chunk.length)).toEqual([maxMessageBytes, maxMessageBytes]);
    await peer.until(() => peer.frames.some(({ opcode }) => opcode === OPCODES.pong));
    peer.send(OPCODES.binary, new Uint8Array(maxMessageBytes + 1));
    expect((await heard.whenClosed()).error).toMatchObject({ code: "link-reset", reason: "reset" });
    expect(heard.info?.reason).toContain(`more than ${maxMessageBytes} bytes`);
    await peer.until(() => peer.closeCode !== undefined);
    expect(peer.closeCode).toBe(1_009);
    peer.socket.destroy();
  });

  it("closes with 1009 for fragments that grow too large together", async () => {
    const { info, code } = await endOf((peer) => {
      peer.send(OPCODES.binary, new Uint8Array(600), { fin: false });
      peer.send(OPCODES.continuation, new Uint8Array(600));
    });
    expect(info.error).toMatchObject({ code: "link-reset" });
    expect(code).toBe(1_009);
  });

  it("closes with 1003 for a text message", async () => {
    await using served = await serve();
    const peer = await answered(served.url);
    const heard = await served.link();
    peer.send(OPCODES.text, "hello");
    await peer.until(() => peer.closeCode !== undefined);
    expect(peer.closeCode).toBe(1_003);
    peer.send(OPCODES.close, new Uint8Array([3, 235]));
    expect((await heard.whenClosed()).error).toMatchObject({ code: "link-reset", reason: "reset" });
    expect(heard.info?.reason).toContain("text message");
    expect(heard.bytes).toBe(0);
  });

  it("ends the link of a client that does not mask", async () => {
    const { info } = await endOf((peer) => peer.send(OPCODES.binary, "plain", { masked: false }));
    expect(info.error).toMatchObject({ code: "link-reset" });
  });

  it("tells how the peer closed", async () => {
    const close = (code: number, reason = "") => (peer: RawPeer) =>
      peer.send(OPCODES.close, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));
    expect((await endOf(close(1_000))).info).toEqual({ code: "link-closed", reason: "ended by the peer" });
    expect((await endOf(close(1_001))).info.error).toBeUndefined();
    const strange = (await endOf(close(4_321, "tired \u001b"))).info;
    expect(strange.error).toMatchObject({ code: "link-reset" });
    expect(strange.reason).toContain('closed with 4321, saying "tired \\u001b"');
    expect((await endOf((peer) => peer.socket.destroy())).info.error).toMatchObject({ code: "link-reset" });
  });

  const ownTimeout = runtime.name === "bun"
    ? it.skipBecause.bind(it, "Bun ends a handshake after about 12 s, whatever it is told")
    : it;
  ownTimeout("gives up on a client that takes too long for its handshake", async () => {
    await using served = await serve({ handshakeTimeoutMs: 50 });
    const peers = await Promise.all(["", "GET / HTTP/1.1\r\nHost: a\r\n"].map((said) => rawClient(served.url, said)));
    for (const peer of peers) await peer.closed();
    expect(served.links).toHaveLength(0);
  });

  it("loses no message of more than a host's usual limit while the peer does not read", async () => {
    await using served = await serve();
    const near = await dialer.connect({ url: served.url, maxMessageBytes: 30_000_000 });
    near.pause();
    const heard = new Heard(near);
    const { link } = await served.link();
    // Bun's own limit is 16 MiB, over which it drops.
    const sizes = [20_000_000, 17_000_000, 1, 25_000_000, 100];
    for (const [n, size] of sizes.entries()) link.send(new Uint8Array(size).fill(n + 1));
    expect(link.buffered).toBeGreaterThan(40_000_000);
    near.resume();
    await heard.until(() => heard.chunks.length === sizes.length);
    expect(heard.chunks.map((chunk) => chunk.length)).toEqual(sizes);
    expect(heard.chunks.map((chunk) => chunk[chunk.length >> 1])).toEqual([1, 2, 3, 4, 5]);
    near.abort();
  }, 20_000);
});

describe("a WebSocket client", () => {
  it("says with which status a server refused it", async () => {
    for (const status of ["401 Unauthorized", "403 Forbidden", "404 Not Found", "200 OK", "302 Found"]) {
      const error = await rejection(
        dialRaw(() => `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nLocation: ws://x/\r\n\r\n`),
      );
      expect(error).toMatchObject({ code: "link-refused", reason: "refused" });
      expect(error.message).toContain(`the server answered ${status.slice(0, 3)}`);
    }
  });

  it("says that a server is none of WebSockets", async () => {
    const wrong = [
      () => "220 mail.example ESMTP\r\n",
      (head: string) => opening(head, { "Sec-WebSocket-Accept": "bm8=" }),
      (head: string) => opening(head, { "Sec-WebSocket-Protocol": "other" }),
    ];
    for (const answer of wrong) {
      const error = await rejection(dialRaw(answer, undefined, { protocols: ["rsocket"] }));
      expect(error).toMatchObject({ code: "link-refused", reason: "refused" });
      expect(error.message).toContain("does not speak WebSocket as it should");
    }
  });

  it("tells of a server that hangs up instead of answering", async () => {
    const error = await rejection(dialRaw((_head, peer) => {
      peer.socket.destroy();
      return "";
    }));
    expect(error).toMatchObject({ code: "link-reset", reason: "reset" });
  });

  it("keeps a query, which may hold a credential, out of its messages", async () => {
    await using served = await serve({ path: "/there" });
    const url = new URL("/elsewhere?token=secret", served.url);
    expect((await rejection(dialer.connect({ url, maxMessageBytes }))).message).not.toContain("secret");
  });

  it("gives up while the server is silent, and leaves nothing behind", async () => {
    const control = new AbortController();
    let gone = Promise.resolve();
    const far = await rawServer((_head, peer) => {
      gone = peer.closed();
      control.abort("enough");
      return "";
    });
    const dialling = dialer.connect({ url: far.url, maxMessageBytes, signal: control.signal });
    expect(await dialling.catch((reason: unknown) => reason)).toBe("enough");
    await gone;
    await far.close();
  });

  it("sends headers and offers subprotocols where the host can", async () => {
    let seen = "";
    const answer = (head: string) => {
      seen = head.toLowerCase();
      return opening(head, { "Sec-WebSocket-Protocol": "rsocket" });
    };
    await dialRaw(answer, () => {}, { headers: { "X-Api-Key": "k" }, protocols: ["rsocket"] });
    expect(seen).toContain("x-api-key: k\r\n");
    expect(seen).toContain("sec-websocket-protocol: rsocket\r\n");
    expect(seen).not.toContain("origin:");
  });

  for (
    const [what, opcode, length, code, says] of [
      ["a message that is too large", OPCODES.binary, maxMessageBytes + 1, 1_009, "more than 1000 bytes"],
      ["text", OPCODES.text, 3, 1_003, "text message"],
    ] as const
  ) {
    it(`closes for ${what}`, () =>
      withFar(async (link, far) => {
        const heard = new Heard(link);
        far.send(OPCODES.binary, new Uint8Array(maxMessageBytes), { masked: false });
        await heard.until(() => heard.bytes === maxMessageBytes);
        far.send(opcode, "x".repeat(length), { masked: false });
        await far.until(() => far.closeCode !== undefined);
        expect(far.closeCode).toBe(code);
        far.socket.destroy();
        expect((await heard.whenClosed()).error).toMatchObject({ code: "link-reset" });
        expect(heard.info?.reason).toContain(says);
      }));
  }

  it("closes with 1000, and waits a second for the peer to do the same", () =>
    withFar(async (link, far) => {
      const heard = new Heard(link);
      link.send(new Uint8Array(5));
      link.end();
      await far.until(() => far.closeCode !== undefined);
      expect(far.closeCode).toBe(1_000);
      expect(far.frames[0]?.payload).toHaveLength(5);
      // It says nothing more.
      expect((await heard.whenClosed()).error).toMatchObject({ code: "link-timeout", reason: "timeout" });
      await far.closed();
    }));
});

describe("the package ws", () => {
  it("is asked for by name when it is not there", async () => {
    const error = await rejection(loadWs(() => Promise.reject(new Error("Cannot find package 'ws'"))));
    expect(error).toMatchObject({ name: "UsageError", code: "missing-package" });
    expect(error.message).toContain("npm install ws");
  });
});
