// Certificates for tests, made when they are needed: an authority, what it signed, and what nobody should trust. ECDSA
// P-256, PEM. Never for anything but tests: the keys are nobody's secret.
import { generate } from "selfsigned";

/** A certificate with its key, both PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Everything the tests need. All but the stranger's are signed by `ca`. */
export interface TestCertificates {
  /** The authority's certificate, PEM. */
  readonly ca: string;
  /** DNS:localhost, IP:127.0.0.1, IP:::1. For 13 days, as WebTransport's hashes demand. */
  readonly server: Identity;
  readonly client: Identity;
  /** As `server`, but its time is over. */
  readonly expired: Identity;
  /** A server's, for a name that no test dials. */
  readonly wrongName: Identity;
  /** An authority nobody named, and what it signed: a server's and client's certificate in one. */
  readonly stranger: Identity & { readonly ca: string };
}

const dayMs = 86_400_000;
type Options = NonNullable<Parameters<typeof generate>[1]>;
type Name = { readonly type: 2; readonly value: string } | { readonly type: 7; readonly ip: string };

const localNames: readonly Name[] = [
  { type: 2, value: "localhost" },
  { type: 7, ip: "127.0.0.1" },
  { type: 7, ip: "::1" },
];

/** Makes all of them, in some tens of milliseconds. */
export async function makeCertificates(): Promise<TestCertificates> {
  const [authority, strangers] = await Promise.all([makeAuthority("Test Authority"), makeAuthority("Strangers")]);
  const [server, client, expired, wrongName, stranger] = await Promise.all([
    sign(authority, "localhost", localNames),
    sign(authority, "a client", [{ type: 2, value: "client.test" }]),
    sign(authority, "localhost", localNames, { fromDay: -20, toDay: -7 }),
    sign(authority, "elsewhere.test", [{ type: 2, value: "elsewhere.test" }]),
    sign(strangers, "localhost", localNames),
  ]);
  return { ca: authority.cert, server, client, expired, wrongName, stranger: { ...stranger, ca: strangers.cert } };
}

/** The SHA-256 of a certificate's DER, as `certificateHashes` takes it. */
export async function hashOf({ cert }: Identity): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", derOf(cert)));
}

/** The DER bytes of a PEM text with one certificate. */
function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (char) => char.charCodeAt(0));
}

async function makeAuthority(name: string): Promise<Identity> {
  return await make(name, [
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
  ], { fromDay: -30, toDay: 30 });
}

async function sign(
  ca: Identity,
  name: string,
  altNames: readonly Name[],
  days: Days = { fromDay: -1, toDay: 12 },
): Promise<Identity> {
  const extensions: NonNullable<Options["extensions"]> = [
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, critical: true },
    { name: "extKeyUsage", serverAuth: true, clientAuth: true },
    { name: "subjectAltName", altNames: [...altNames] },
  ];
  return await make(name, extensions, days, ca);
}

/** From when and until when it is valid, in days from now. */
interface Days {
  readonly fromDay: number;
  readonly toDay: number;
}

async function make(
  name: string,
  extensions: NonNullable<Options["extensions"]>,
  { fromDay, toDay }: Days,
  ca?: Identity,
): Promise<Identity> {
  const now = Date.now();
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(now + fromDay * dayMs),
    notAfterDate: new Date(now + toDay * dayMs),
    extensions,
    ...(ca === undefined ? {} : { ca: { ...ca } }),
  });
  return { cert: made.cert, key: made.private };
}
