// WebSockets over TLS: whom a client believes, and whom a server lets in.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import { createHash, X509Certificate } from "node:crypto";
import { makeCertificates } from "../../conformance/certificates/certificates.ts";
import type { Link, TlsOptions } from "../../src/contract/link.ts";
import { webSocket } from "../../transports/websocket.ts";
import { Heard } from "./fixtures/heard.ts";

const certificates = await makeCertificates();
const { ca, server, client, expired, wrongName } = certificates;
const stranger = { cert: certificates.stranger.cert, key: certificates.stranger.key };
const canPin = runtime.capabilities.webSocket?.can.pinning === true;

let accepted = 0;

/** Dials a server of that material and says what comes of it. */
async function meet({ cert, key, ca: listenCa }: TlsOptions, dial: TlsOptions, host = "127.0.0.1"): Promise<unknown> {
  const far: Link[] = [];
  const listen = { tls: { cert: cert!, key: key!, ...(listenCa !== undefined && { ca: listenCa }) } };
  const listener = await webSocket.listen!(runtime, new URL(`wss://${host}:0/there`), listen, (link) => {
    accepted++;
    far.push(link as Link);
  });
  try {
    const link = await webSocket.dial(runtime, new URL(listener.url), { tls: dial }) as Link;
    const heard = new Heard(link);
    link.abort();
    await heard.whenClosed();
    return link;
  } catch (error) {
    return error;
  } finally {
    for (const link of far) link.abort();
    await listener.close();
  }
}

function hashOf({ cert }: { readonly cert: string }): Uint8Array {
  return new Uint8Array(createHash("sha256").update(new X509Certificate(cert).raw).digest());
}

const refused = { name: "LinkError", code: "link-tls", reason: "tls" };

describe("a WebSocket client over TLS", () => {
  it("believes what its authority signed, and says whom it met", async () => {
    const link = await meet(server, { ca }) as Link;
    expect(link.info).toMatchObject({ scheme: "wss", secure: true });
    expect(await meet(server, { ca }, "localhost")).toHaveProperty("info");
  });

  it("believes nobody else", async () => {
    expect(await meet(server, {})).toMatchObject(refused);
    expect(await meet(stranger, { ca })).toMatchObject(refused);
    expect(await meet(expired, { ca })).toMatchObject(refused);
    expect(await meet(wrongName, { ca })).toMatchObject(refused);
    expect(await meet(server, { ca, serverName: "other.example" })).toMatchObject(refused);
  });

  it("pins a certificate where the host shows it, and says so where not", async () => {
    const right = await meet(stranger, { certificateHashes: [hashOf(server), hashOf(stranger)] });
    const wrong = await meet(stranger, { certificateHashes: [hashOf(server)] });
    if (canPin) {
      expect(right).toHaveProperty("info");
      expect((right as Link).info.peerCertificates?.[0]).toEqual(
        new Uint8Array(new X509Certificate(stranger.cert).raw),
      );
      expect(wrong).toMatchObject(refused);
    } else for (const error of [right, wrong]) expect(error).toMatchObject({ code: "missing-capability" });
  });
});

describe("a WebSocket server over TLS", () => {
  it("asks for a certificate when it has an authority for it", async () => {
    expect(await meet({ ...server, ca }, { ca, ...client })).toHaveProperty("info");
    const before = accepted;
    expect(await meet({ ...server, ca }, { ca })).toMatchObject({ name: "LinkError" });
    expect(await meet({ ...server, ca }, { ca, ...stranger })).toMatchObject({ name: "LinkError" });
    expect(accepted).toBe(before);
  });

  it("needs a certificate and a key", async () => {
    const listening = webSocket.listen!(runtime, new URL("wss://127.0.0.1:0"), {}, () => {});
    await expect(listening).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("tells a client that speaks no TLS nothing, and a client that does it what is wrong", async () => {
    const listener = await webSocket.listen!(runtime, new URL("ws://127.0.0.1:0"), {}, () => {});
    const url = new URL(listener.url.replace("ws:", "wss:"));
    const error: unknown = await webSocket.dial(runtime, url, { tls: { ca } }).catch((reason: unknown) => reason);
    expect(error).toMatchObject(refused);
    await listener.close();
  });
});
