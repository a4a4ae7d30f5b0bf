// Who is let in over TLS and who is not, on the runtime that runs this file: each check fails with its own message, and
// a failed handshake ends one connection and nothing else.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import { hashOf, type Identity, makeCertificates } from "../../conformance/certificates/certificates.ts";
import { type HeadraceError, LinkError, UsageError } from "../../src/contract/errors.ts";
import type { CloseInfo, Link, TlsOptions } from "../../src/contract/link.ts";
import type { Tcp, TcpListener, Tls } from "../../src/contract/runtime.ts";
import { nodeTls } from "./node-tls.ts";

const { ca, server, client, expired, wrongName, stranger } = await makeCertificates();
const expiredHash = await hashOf(expired);
const host = "127.0.0.1";
const { tls, tcp } = runtime.capabilities as { readonly tls: Tls; readonly tcp: Tcp };
/** A capability that gives handshakes up early. */
const hasty = (handshakeMs: number) => nodeTls({ tap: runtime.name === "deno", handshakeMs });

/** A link that notes what it hears. */
class Heard {
  readonly link: Link;
  readonly closed: Promise<CloseInfo>;
  text = "";
  constructor(link: Link) {
    this.link = link;
    this.closed = new Promise((resolve) =>
      link.start({
        chunk: (bytes) => void (this.text += String.fromCharCode(...bytes)),
        drain() {},
        end: () => link.end(),
        closed: resolve,
      })
    );
  }
}

interface Lab extends TcpListener {
  /** The links the server accepted. */
  readonly accepted: readonly Heard[];
  next(): Promise<Heard>;
}

/** A server that greets every client with its first byte. */
async function withServer(options: TlsOptions, body: (lab: Lab) => Promise<void>, by: Tls = tls): Promise<void> {
  const accepted: Heard[] = [];
  let told: (() => void) | undefined;
  const listener = await by.listen({ host, port: 0, tls: options }, (link) => {
    accepted.push(new Heard(link));
    link.send(new TextEncoder().encode("!"));
    told?.();
  });
  const next = async () => {
    while (accepted.length === 0) await new Promise<void>((resolve) => told = resolve);
    return accepted.shift() as Heard;
  };
  try {
    await body({ ...listener, accepted, next });
  } finally {
    await listener.close();
    for (const { link } of accepted) link.abort();
  }
}

async function failure(work: Promise<unknown>): Promise<HeadraceError> {
  const outcome: unknown = await work.then(() => undefined, (error: unknown) => error);
  if (!(outcome instanceof Error)) throw new Error("it did not fail");
  return outcome as HeadraceError;
}

function expectTls(error: Error | undefined, check: string): void {
  expect(error).toBeInstanceOf(LinkError);
  expect(error).toMatchObject({ code: "link-tls", reason: "tls" });
  expect(error?.message).toContain(check);
  expect(error?.cause).toBeInstanceOf(Error);
}

/** Dials, expects to be let in, and hangs up in order. */
async function getsIn(lab: Lab, options: TlsOptions, to = host): Promise<Link> {
  const near = new Heard(await tls.connect({ host: to, port: lab.port, tls: options }));
  const far = await lab.next();
  near.link.end();
  expect((await near.closed).error).toBeUndefined();
  expect((await far.closed).error).toBeUndefined();
  expect(near.text).toBe("!");
  return near.link;
}

describe("a TLS client", () => {
  it("trusts the authority it is given, by address, by name and by another name", () =>
    withServer(server, async (lab) => {
      const { info } = await getsIn(lab, { ca });
      expect(info).toMatchObject({ scheme: "tls", secure: true, remote: `${host}:${lab.port}` });
      expect(info.local).toContain(host);
      expect(info.peerCertificates).toHaveLength(1);
      expect(info.peerCertificates?.[0]).toEqual(derOf(server));
      await getsIn(lab, { ca }, "localhost");
      await getsIn(lab, { ca: stranger.ca + ca, serverName: "localhost" });
    }));

  it("checks the name it is told to, not the one it dials", () =>
    withServer(wrongName, async (lab) => {
      await getsIn(lab, { ca, serverName: "elsewhere.test" });
    }));

  const refused: readonly (readonly [what: string, server: Identity, options: TlsOptions, check: string])[] = [
    ["of an authority it was not given", server, { ca: stranger.ca }, "unknown authority"],
    ["of an authority the host does not know", server, {}, "unknown authority"],
    ["for another name", wrongName, { ca }, "name mismatch"],
    ["without the name it must have", server, { ca, serverName: "example.test" }, "name mismatch"],
    ["that has expired", expired, { ca }, "expired"],
    ["that is not pinned", server, { ca, certificateHashes: [new Uint8Array(32)] }, "hash mismatch"],
    ["that is pinned but has expired", expired, { certificateHashes: [expiredHash] }, "expired"],
  ];
  for (const [what, identity, options, check] of refused) {
    it(`refuses a certificate ${what}`, () =>
      withServer(identity, async (lab) => {
        const error = await failure(tls.connect({ host, port: lab.port, tls: options }));
        expectTls(error, check);
        expect(error.message).toContain(`${host}:${lab.port}`);
      }));
  }

  it("asks a pinned certificate for neither authority nor name", () =>
    withServer(wrongName, async (lab) => {
      await getsIn(lab, { certificateHashes: [new Uint8Array(32), await hashOf(wrongName)] });
      await getsIn(lab, { ca: stranger.ca, certificateHashes: [await hashOf(wrongName)] });
    }));

  it("takes an empty list of hashes for none", () =>
    withServer(server, async (lab) => {
      await getsIn(lab, { ca, certificateHashes: [] });
      expectTls(await failure(tls.connect({ host, port: lab.port, tls: { certificateHashes: [] } })), "unknown");
    }));

  it("says that the peer speaks no TLS, whether it answers or leaves", async () => {
    const answers = [(link: Link) => void link.send(new Uint8Array(30)), (link: Link) => link.end()];
    for (const answer of answers) {
      const listener = await tcp.listen({ host, port: 0 }, (link) => {
        link.start({ chunk: () => answer(link), drain() {}, end: () => link.end(), closed() {} });
      });
      const error = await failure(tls.connect({ host, port: listener.port, tls: { ca } }));
      expectTls(error, "speak");
      await listener.close();
    }
  });

  it("names the server it wants in its hello, but never an address", async () => {
    const hellos: Heard[] = [];
    const listener = await tcp.listen({ host, port: 0 }, (link) => void hellos.push(new Heard(link)));
    for (const [options, sni] of [[{ ca }, host], [{ ca, serverName: "name.test" }, "name.test"]] as const) {
      const control = new AbortController();
      const dialling = failure(tls.connect({ host, port: listener.port, tls: options, signal: control.signal }));
      while ((hellos[0]?.text.length ?? 0) < 100) await turn();
      control.abort(new Error("heard enough"));
      await dialling;
      const hello = hellos.pop();
      await hello?.closed;
      expect(hello?.text.includes(sni)).toBe(sni !== host);
    }
    await listener.close();
  });

  it("needs TLS 1.2 or newer of its server", async () => {
    // A fatal alert, protocol_version (RFC 8446, section 6.2).
    const alert = Uint8Array.of(0x15, 3, 2, 0, 2, 2, 70);
    const listener = await tcp.listen({ host, port: 0 }, (link) => {
      link.start({ chunk: () => void link.send(alert), drain() {}, end: () => link.end(), closed() {} });
    });
    const error = await failure(tls.connect({ host, port: listener.port, tls: { ca } }));
    expectTls(error, "no TLS version in common");
    await listener.close();
  });

  it("waits for a handshake no longer than it may, and not after the signal", async () => {
    const accepted: Heard[] = [];
    const listener = await tcp.listen({ host, port: 0 }, (link) => void accepted.push(new Heard(link)));
    const late = await failure(hasty(50).connect({ host, port: listener.port, tls: { ca } }));
    expect(late).toMatchObject({ code: "link-timeout", reason: "timeout" });
    expect(late.message).toContain("50 ms");
    const control = new AbortController();
    const dialling = tls.connect({ host, port: listener.port, tls: { ca }, signal: control.signal });
    while (accepted.length < 2) await turn();
    control.abort("changed my mind");
    expect(await dialling.catch((reason: unknown) => reason)).toBe("changed my mind");
    for (const { closed } of accepted) await closed;
    await listener.close();
  });

  it("refuses material that cannot be used, before anything is opened", async () => {
    const wrong: readonly (readonly [TlsOptions, string])[] = [
      [{ ca: "garbage" }, "tls.ca"],
      [{ cert: client.cert }, "tls.cert"],
      [{ key: client.key }, "tls.key"],
      [{ cert: client.cert, key: "garbage" }, "tls.key"],
      [{ cert: client.cert, key: server.key }, "tls.key"],
      [{ cert: ca.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"), key: client.key }, "tls.cert"],
      [{ certificateHashes: [new Uint8Array(20)] }, "tls.certificateHashes"],
    ];
    for (const [options, name] of wrong) {
      const error = await failure(tls.connect({ host, port: 1, tls: options }));
      expect(error).toBeInstanceOf(UsageError);
      expect(error.code).toBe("bad-argument");
      expect(error.message).toContain(name);
      expect(error.message).not.toContain("PRIVATE");
    }
  });
});

describe("a TLS server that wants client certificates", () => {
  const demanding: TlsOptions = { ...server, ca };

  it("lets in who has one, and shows it", () =>
    withServer(demanding, async (lab) => {
      const near = new Heard(await tls.connect({ host, port: lab.port, tls: { ca, ...client } }));
      const far = await lab.next();
      expect(far.link.info).toMatchObject({ scheme: "tls", secure: true });
      expect(far.link.info.peerCertificates).toHaveLength(1);
      expect(far.link.info.peerCertificates?.[0]).toEqual(derOf(client));
      near.link.end();
      await Promise.all([near.closed, far.closed]);
    }));

  // In TLS 1.3 the server judges after the client's handshake: the link may open and end at once.
  const refused: readonly (readonly [what: string, options: TlsOptions, check: string])[] = [
    ["none", {}, "requires a client certificate"],
    ["one of an unknown authority", { cert: stranger.cert, key: stranger.key }, "refused the client certificate"],
    ["an expired one", expired, "refused the client certificate"],
  ];
  for (const [what, options, check] of refused) {
    it(`refuses who shows ${what}`, () =>
      withServer(demanding, async (lab) => {
        const dialled = tls.connect({ host, port: lab.port, tls: { ca, ...options } });
        const closed = dialled.then((link) => {
          link.send(new Uint8Array(100));
          return new Heard(link).closed;
        });
        expectTls(await closed.then(({ error }) => error, (error: Error) => error), check);
        expect(lab.accepted).toHaveLength(0);
        await getsIn(lab, { ca, ...client });
      }));
  }
});

describe("a TLS server", () => {
  it("ends a client that speaks no TLS, or nothing, and lives on", () =>
    withServer(server, async (lab) => {
      const plain = new Heard(await tcp.connect({ host, port: lab.port }));
      plain.link.send(new Uint8Array(30));
      const silent = new Heard(await tcp.connect({ host, port: lab.port }));
      await plain.closed;
      await silent.closed;
      expect(lab.accepted).toHaveLength(0);
      await getsIn(lab, { ca });
    }, hasty(1_000)));

  it("refuses TLS 1.1", () =>
    withServer(server, async (lab) => {
      const heard = new Heard(await tcp.connect({ host, port: lab.port }));
      const { link, closed } = heard;
      const [version, random, ciphers] = [[3, 2], new Uint8Array(32), [0, 4, 0xc0, 0x09, 0xc0, 0x13]];
      // What rustls asks of a hello before it looks at the version: signature_algorithms and supported_groups.
      const extensions = [0, 16, 0, 0x0d, 0, 4, 0, 2, 4, 3, 0, 0x0a, 0, 4, 0, 2, 0, 0x17];
      const hello = [...version, ...random, 0, ...ciphers, 1, 0, ...extensions];
      link.send(Uint8Array.of(0x16, 3, 1, 0, hello.length + 4, 1, 0, 0, hello.length, ...hello));
      await closed;
      expect(heard.text.slice(-2)).toBe(String.fromCharCode(2, 70)); // fatal, protocol_version
      expect(lab.accepted).toHaveLength(0);
    }));

  it("ends handshakes that are half done when it closes", async () => {
    const listener = await tls.listen({ host, port: 0, tls: server }, () => {});
    const silent = new Heard(await tcp.connect({ host, port: listener.port }));
    // Only a connection the server has seen is its own to end; a refused handshake on a later one says that it has.
    await failure(tls.connect({ host, port: listener.port, tls: {} }));
    await listener.close();
    await silent.closed;
  });

  it("survives clients that leave in the middle of their handshake", () =>
    withServer(server, async (lab) => {
      for (const hello of ["", "\u0016\u0003\u0001", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc"]) {
        const { link, closed } = new Heard(await tcp.connect({ host, port: lab.port }));
        link.send(Uint8Array.from(hello, (char) => char.charCodeAt(0)));
        link.abort();
        await closed;
      }
      await getsIn(lab, { ca });
    }));
});

function derOf({ cert }: Identity): Uint8Array {
  return Uint8Array.from(atob(cert.replace(/-----[^-]+-----|\s/g, "")), (char) => char.charCodeAt(0));
}

/** Lets the host do what it has to do. */
function turn(): Promise<void> {
  return new Promise((resolve) => void runtime.clock.wake(runtime.clock.now() + 1, resolve));
}
