/**
 * What TlsOptions must be before anything is opened, the same on every host: OpenSSL, BoringSSL and rustls complain at
 * different times, if at all. It never trusts anything.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { UsageError } from "../../src/contract/errors.ts";
import type { TlsOptions } from "../../src/contract/link.ts";

const SHA256_BYTES = 32;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Throws a UsageError for what cannot be used, whoever the peer is. */
export function checkTlsOptions(tls: TlsOptions): void {
  const { ca, cert, key, certificateHashes } = tls;
  if (ca !== undefined) certificatesOf(ca, "ca");
  if ((cert === undefined) !== (key === undefined)) {
    throw wrong(cert === undefined ? "key" : "cert", "a certificate and its key are given together or not at all");
  }
  if (cert !== undefined && key !== undefined) checkPair(cert, key);
  if (certificateHashes?.some((hash) => hash.length !== SHA256_BYTES) === true) {
    throw wrong("certificateHashes", `a SHA-256 hash has ${SHA256_BYTES} bytes`);
  }
}

/** The certificates of a PEM text, one text each: Deno takes only the first of two that no line break parts. */
export function pemsOf(text: string): string[] {
  return text.match(PEM_CERTIFICATE) ?? [];
}

function checkPair(cert: string, key: string): void {
  const [leaf] = certificatesOf(cert, "cert");
  let privateKey;
  try {
    privateKey = createPrivateKey(key);
  } catch (cause) {
    throw wrong("key", "it is no private key in PEM", cause);
  }
  if (leaf?.checkPrivateKey(privateKey) === false) throw wrong("key", "it is not the key of the first certificate");
}

function certificatesOf(pem: string, name: string): X509Certificate[] {
  const found = pemsOf(pem);
  if (found.length === 0) throw wrong(name, "there is no certificate in PEM in it");
  try {
    return found.map((text) => new X509Certificate(text));
  } catch (cause) {
    throw wrong(name, "a certificate in it cannot be read", cause);
  }
}

function wrong(name: string, is: string, cause?: unknown): UsageError {
  return new UsageError("bad-argument", `The option tls.${name} cannot be used: ${is}.`, { cause });
}
