// What the tls transport asks for before it touches anything, over a made-up capability; and RSocket over the real one.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import { makeCertificates } from "../conformance/certificates/certificates.ts";
import { HeadraceError, LinkError, UsageError } from "../src/contract/errors.ts";
import type { Link, TlsOptions } from "../src/contract/link.ts";
import type { Runtime, Tls } from "../src/contract/runtime.ts";
import { connect, RSocketServer, serve } from "../src/front/rsocket.ts";
import { tls } from "./tls.ts";

/** A runtime whose TLS notes what is asked of it. */
function noting(): { readonly runtime: Runtime; readonly asked: string[] } {
  const asked: string[] = [];
  const capability: Tls = {
    connect({ host, port, tls: { ca = "" } }) {
      asked.push(`connect ${host} ${port} ${ca}`);
      return Promise.resolve({} as Link);
    },
    listen({ host, port, tls: { cert, key } }) {
      asked.push(`listen ${host} ${port} ${cert} ${key}`);
      return Promise.resolve({ host, port: 4_711, close: () => Promise.resolve(void asked.push("close")) });
    },
  };
  return { runtime: { ...runtime, capabilities: { tls: capability } }, asked };
}

async function failure(work: Promise<unknown> | undefined): Promise<unknown> {
  return await work?.then(() => "it did not fail", (error: unknown) => error);
}

describe("the tls transport", () => {
  it("hands on address and material", async () => {
    const { runtime: host, asked } = noting();
    await tls.dial(host, new URL("tls://example.org:7878"), { tls: { ca: "CA" } });
    await tls.dial(host, new URL("tls://[::1]:80/"), {});
    const material = { cert: "C", key: "K" };
    const listener = await tls.listen?.(host, new URL("tls://[::]:0"), { tls: material }, () => {});
    expect(asked).toEqual(["connect example.org 7878 CA", "connect ::1 80 ", "listen :: 0 C K"]);
    expect(listener?.url).toBe("tls://[::]:4711");
    await listener?.[Symbol.asyncDispose]();
    expect(await listener?.closed).toMatchObject({ code: "link-closed" });
  });

  it("refuses what cannot be meant, before anything is bound or dialled", async () => {
    const { runtime: host, asked } = noting();
    for (const url of ["tls://h", "tls://h:0", "tls://h:1/path", "tls://h:1?q", "tls://u:secret@h:1"]) {
      const error = await failure(tls.dial(host, new URL(url), {}));
      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({ code: "bad-argument" });
      expect((error as Error).message).not.toContain("secret");
    }
    const pair = { cert: "C", key: "K" };
    const materials: readonly (readonly [TlsOptions | undefined, string])[] = [
      [undefined, "tls.cert"],
      [{ cert: "C" }, "tls.key"],
      [{ key: "K" }, "tls.cert"],
      [{ ...pair, serverName: "h" }, "serverName"],
      [{ ...pair, certificateHashes: [] }, "certificateHashes"],
    ];
    for (const [material, name] of materials) {
      const options = material === undefined ? {} : { tls: material };
      const error = await failure(tls.listen?.(host, new URL("tls://h:0"), options, () => {}));
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toContain(name);
    }
    expect(asked).toEqual([]);
  });

  it("says what a runtime without TLS lacks", async () => {
    const without: Runtime = { ...runtime, name: "browser", capabilities: {} };
    const error = await failure(tls.dial(without, new URL("tls://h:1"), {}));
    expect(error).toMatchObject({ code: "missing-capability" });
  });
});

describe("RSocket over tls", () => {
  const item = new Uint8Array(65_536).fill(7);
  const handler = {
    requestResponse: (payload: { readonly data: Uint8Array }) => payload,
    *requestStream() {
      for (let count = 0; count < 16; count++) yield item;
    },
  };

  it("answers a request and streams 1 MiB", async () => {
    const { ca, server: identity, client: own } = await makeCertificates();
    let seen: unknown;
    const server = await serve("tls://127.0.0.1:0", {
      ...handler,
      requestResponse(payload, { link }) {
        seen = link;
        return payload;
      },
    }, { tls: { ...identity, ca } });
    const client = await connect(server.urls[0] ?? "", { tls: { ca, ...own } });
    const { data } = await client.requestResponse("ping");
    expect(new TextDecoder().decode(data)).toBe("ping");
    expect(seen).toMatchObject({ scheme: "tls", secure: true });
    expect((seen as { peerCertificates: unknown[] }).peerCertificates).toHaveLength(1);
    let bytes = 0;
    for await (const payload of client.requestStream("all", { prefetch: 4 })) bytes += payload.data.length;
    expect(bytes).toBe(1_048_576);
    await client.close();
    await server.close();
  });

  it("ends in one typed error where one side speaks TLS and the other does not", async () => {
    const { ca, server: identity } = await makeCertificates();
    const server = new RSocketServer(() => handler, { tls: identity });
    const [secure, plain] = await server.listen("tls://127.0.0.1:0", "tcp://127.0.0.1:0");
    const dialled = await failure(connect((plain?.url ?? "").replace("tcp:", "tls:"), { tls: { ca } }));
    expect(dialled).toBeInstanceOf(LinkError);
    expect(dialled).toMatchObject({ code: "link-tls", reason: "tls" });
    const client = await connect((secure?.url ?? "").replace("tls:", "tcp:"));
    const answered = await failure(client.requestResponse("hello"));
    expect(answered).toBeInstanceOf(HeadraceError);
    const info = await client.closed;
    expect(info.error).toBe(answered);
    await server.close();
  });

  it("tells a client without a certificate why its request failed", async () => {
    const { ca, server: identity } = await makeCertificates();
    const server = await serve("tls://127.0.0.1:0", handler, { tls: { ...identity, ca } });
    // In TLS 1.3 the server judges after the client's handshake, so it is the request that fails, if not the dial.
    const asking = connect(server.urls[0] ?? "", { tls: { ca } }).then((client) => client.requestResponse("hello"));
    const error = await failure(asking);
    expect(error).toMatchObject({ code: "link-tls", reason: "tls" });
    expect((error as Error).message).toContain("requires a client certificate");
    await server.close();
  });
});
