// What the WebSocket transport reads from a URL, over made-up capabilities. The links are tested with the runtimes.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import { DEFAULT_LIMITS } from "../src/contract/limits.ts";
import type { Link } from "../src/contract/link.ts";
import type { Runtime, WebSocketDialer, WebSocketServerOptions } from "../src/contract/runtime.ts";
import { createWebSocket, webSocket } from "./websocket.ts";

type Dialled = Parameters<WebSocketDialer["connect"]>[0];

/** A runtime whose WebSockets note what is asked of them. */
function noting(can: Partial<WebSocketDialer["can"]> = {}): {
  readonly runtime: Runtime;
  readonly dialled: Dialled[];
  readonly bound: WebSocketServerOptions[];
} {
  const dialled: Dialled[] = [];
  const bound: WebSocketServerOptions[] = [];
  const capabilities = {
    webSocket: {
      can: { headers: true, pinning: true, clientCertificates: true, ...can },
      connect: (options: Dialled) => Promise.resolve(dialled.push(options) as unknown as Link),
    },
    webSocketServer: {
      listen(options: WebSocketServerOptions) {
        bound.push(options);
        return Promise.resolve({ host: options.host, port: options.port || 4_711, close: () => Promise.resolve() });
      },
    },
  };
  return { runtime: { ...runtime, name: "made-up", capabilities }, dialled, bound };
}

const material = { cert: "a certificate", key: "a key" };

describe("the WebSocket transport", () => {
  it("dials a path and a query, also on the default ports", async () => {
    const { runtime: host, dialled } = noting();
    const headers = { "x-api-key": "k" };
    await webSocket.dial(host, new URL("ws://example.org/rsocket?room=1"), { headers, tls: { ca: "one" } });
    await webSocket.dial(host, new URL("wss://[::1]:8443"), { tls: { ca: "one" }, limits: { maxFrameBytes: 9 } });
    expect(dialled[0]).toEqual({
      url: new URL("ws://example.org/rsocket?room=1"),
      headers,
      protocols: [],
      maxMessageBytes: DEFAULT_LIMITS.maxFrameBytes,
    });
    expect(dialled[1]).toMatchObject({ tls: { ca: "one" }, maxMessageBytes: 9 });
  });

  it("listens on one path or on any, and tells the URL to dial", async () => {
    const { runtime: host, bound } = noting();
    const origins = { allowedOrigins: ["https://app.example"] };
    const listener = await webSocket.listen?.(host, new URL("ws://127.0.0.1:0/rsocket"), origins, () => {});
    expect(listener?.url).toBe("ws://127.0.0.1:4711/rsocket");
    expect(bound[0]).toMatchObject({ path: "/rsocket", protocols: ["rsocket"], ...origins });
    const secure = await webSocket.listen?.(host, new URL("wss://[::]"), { tls: material }, () => {});
    expect(secure?.url).toBe("wss://[::]:443");
    expect(bound[1]).toMatchObject({ host: "::", port: 443, tls: material });
    expect(bound[1]?.path).toBeUndefined();
    await listener?.[Symbol.asyncDispose]();
    expect(await listener?.closed).toMatchObject({ code: "link-closed" });
  });

  it("offers and answers the subprotocols it was made with", async () => {
    const { runtime: host, dialled, bound } = noting();
    const own = createWebSocket({ offer: ["a"], answer: ["b"] });
    await own.dial(host, new URL("ws://h"), {});
    await own.listen?.(host, new URL("ws://h"), {}, () => {});
    expect([dialled[0]?.protocols, bound[0]?.protocols]).toEqual([["a"], ["b"]]);
  });

  it("refuses what a URL should not say", async () => {
    const { runtime: host, dialled, bound } = noting();
    for (const url of ["ws://h:0", "ws://h/#f", "ws://u:secret@h", "wss://u@h"]) {
      const error: unknown = await webSocket.dial(host, new URL(url), {}).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: "UsageError", code: "bad-argument" });
      expect((error as Error).message).not.toContain("secret");
    }
    for (const url of ["ws://h/?q", "wss://h"]) {
      const listening = webSocket.listen?.(host, new URL(url), {}, () => {});
      await expect(listening).rejects.toMatchObject({ code: "bad-argument" });
    }
    const half = webSocket.listen?.(host, new URL("wss://h"), { tls: { cert: "a certificate" } }, () => {});
    await expect(half).rejects.toMatchObject({ code: "bad-argument" });
    expect([...dialled, ...bound]).toEqual([]);
  });

  it("says what a host cannot, and what a runtime lacks", async () => {
    const { runtime: host } = noting({ headers: false, pinning: false, clientCertificates: false });
    const url = new URL("wss://h");
    const hash = new Uint8Array(32);
    for (const options of [{ headers: { a: "b" } }, { tls: { certificateHashes: [hash] } }, { tls: material }]) {
      await expect(webSocket.dial(host, url, options)).rejects.toMatchObject({ code: "missing-capability" });
    }
    await webSocket.dial(host, url, { headers: {}, tls: { ca: "one" } });
    const without: Runtime = { ...runtime, name: "bare", capabilities: {} };
    await expect(webSocket.dial(without, url, {})).rejects.toMatchObject({ code: "missing-capability" });
    const listening = webSocket.listen?.(without, new URL("ws://h"), {}, () => {});
    await expect(listening).rejects.toMatchObject({ code: "missing-capability" });
  });
});
