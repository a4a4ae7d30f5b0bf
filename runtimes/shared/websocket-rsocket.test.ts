// RSocket over real WebSockets: one message is one frame, and the same calls work as over any other link.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import { collect, connect, type RequestContext, type RSocketClient, serve } from "../../src/front/rsocket.ts";

const text = new TextDecoder();

async function within(
  body: (client: RSocketClient, contexts: RequestContext[]) => Promise<void>,
  fragmentBytes?: number,
): Promise<void> {
  const options = { runtime, ...(fragmentBytes !== undefined && { fragmentBytes }) };
  const contexts: RequestContext[] = [];
  await using server = await serve("ws://127.0.0.1:0/rsocket", {
    requestResponse(payload, cx) {
      contexts.push(cx);
      return payload;
    },
    *requestStream() {
      for (let n = 0; n < 1_000; n++) yield `item ${n}`;
    },
    async *requestChannel(first, rest) {
      yield first;
      for await (const payload of rest) yield payload;
    },
  }, options);
  await using client = await connect(`${server.urls[0]}?who=test`, options);
  await body(client, contexts);
}

describe("RSocket over WebSocket", () => {
  it("answers a request, and knows how the client came", () =>
    within(async (client, contexts) => {
      const { data, metadata } = await client.requestResponse({ data: "question", metadata: "about" });
      expect([text.decode(data), text.decode(metadata)]).toEqual(["question", "about"]);
      expect(contexts[0]?.link).toMatchObject({ scheme: "ws", request: { path: "/rsocket", query: "who=test" } });
    }));

  it("streams as it is asked", () =>
    within(async (client) => {
      const items = await collect(client.requestStream("all", { initialRequestN: 3, prefetch: 3 }));
      expect(items).toHaveLength(1_000);
      expect(text.decode(items[999]?.data)).toBe("item 999");
    }));

  it("carries a channel both ways", () =>
    within(async (client) => {
      const rest = Array.from({ length: 500 }, (_, n) => `up ${n}`);
      const items = await collect(client.requestChannel("first", rest));
      expect(items.map(({ data }) => text.decode(data))).toEqual(["first", ...rest]);
    }));

  for (const fragmentBytes of [undefined, 16_384]) {
    it(
      `carries 16 MiB ${fragmentBytes === undefined ? "as it comes" : `in frames of ${fragmentBytes} bytes`}`,
      () =>
        within(async (client) => {
          const sent = new Uint8Array(16 * 1_048_576).map((_, n) => n * 31 + (n >> 8));
          const { data } = await client.requestResponse(sent.slice());
          expect(data.length).toBe(sent.length);
          expect(data.findIndex((byte, n) => byte !== sent[n])).toBe(-1);
        }, fragmentBytes),
      20_000,
    );
  }
});
