/**
 * Why a TLS connection failed, in one error whatever the host's TLS calls it. It judges a peer's certificate by what
 * the host found and by its dates, and never accepts one.
 *
 * @module
 */
import type { X509Certificate } from "node:crypto";
import { LinkError } from "../../src/contract/errors.ts";
import { linkError } from "./node-errors.ts";

/** What is the case, and what to do. */
type Finding = readonly [is: string, todo: string];

const NO_TLS: Finding = [
  "the peer speaks no TLS",
  "Check the port, or dial it without TLS (tcp:, ws:).",
];
const BROKEN_OFF: Finding = [
  "the peer broke off in the middle of the handshake",
  "It may speak no TLS, or refuse what this side offers: check the port, and the log of the peer.",
];
const VERSION: Finding = ["the two sides have no TLS version in common", "Both need TLS 1.2 or newer."];
const CERTIFICATE_REQUIRED: Finding = [
  "the peer requires a client certificate",
  "Give `tls.cert` and `tls.key`, signed by an authority the peer trusts.",
];
const CERTIFICATE_REFUSED: Finding = [
  "the peer refused the client certificate",
  "Check its dates and that an authority the peer trusts has signed it.",
];
const REFUSED: Finding = [
  "the peer refused the handshake",
  "It may require a client certificate (`tls.cert`, `tls.key`), or have no cipher in common: see the log of the peer.",
];
const PIN: Finding = [
  "the peer's certificate is none of the pinned ones (hash mismatch)",
  "Put the SHA-256 of its DER bytes into `tls.certificateHashes` if it is the right one.",
];
const AUTHORITY: Finding = [
  "an unknown authority signed the peer's certificate",
  "Give the authority's certificate as `tls.ca`, or pin the peer's with `tls.certificateHashes`.",
];
const EXPIRED: Finding = ["the peer's certificate has expired", "The peer needs a new one; check the clock, too."];
const TOO_EARLY: Finding = ["the peer's certificate is not valid yet", "Check the clocks of both sides."];
const NAME: Finding = [
  "the peer's certificate is for another name (name mismatch)",
  "Dial a name it has, or say in `tls.serverName` which it should have.",
];

/** By the code of the host's error; the first that fits. OpenSSL, BoringSSL and rustls-as-Node share the words. */
const FINDINGS: readonly (readonly [code: RegExp, finding: Finding])[] = [
  [/ALERT_CERTIFICATE_REQUIRED/, CERTIFICATE_REQUIRED],
  [/ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED)/, CERTIFICATE_REFUSED],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/, VERSION],
  [/ALERT_/, REFUSED],
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH|RECORD_LENGTH|UNEXPECTED_MESSAGE|UNEXPECTED_RECORD/, NO_TLS],
  [/CERT_HAS_EXPIRED/, EXPIRED],
  [/CERT_NOT_YET_VALID/, TOO_EARLY],
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, NAME],
  [/UNABLE_TO_|SELF_SIGNED|UNTRUSTED|INVALID_CA|CERT_CHAIN/, AUTHORITY],
];

/** The error for a handshake that did not come about. */
export function handshakeError(cause: Error, where: string): LinkError {
  const code = codeOf(cause);
  if (!isTls(code) && !/^E(CONNRESET|PIPE|CONNABORTED)$/.test(code)) return linkError(cause, "connecting to", where);
  return tlsError("The TLS handshake with", where, findingOf(code) ?? (isTls(code) ? REFUSED : BROKEN_OFF), cause);
}

/** The error for a handshake that took too long. */
export function lateError(where: string, ms: number): LinkError {
  const text = `The TLS handshake with ${where} took longer than ${ms} ms. Check that the peer speaks TLS.`;
  return new LinkError("link-timeout", "timeout", text);
}

/** The error for a peer whose certificate the host did not accept. Dates first: some hosts say only "unknown". */
export function certificateError(
  code: string,
  leaf: X509Certificate | undefined,
  nowMs: number,
  where: string,
): LinkError {
  const found = (leaf === undefined ? undefined : datesFinding(leaf, nowMs)) ?? findingOf(code) ?? AUTHORITY;
  return tlsError("Verifying", where, found, new Error(code));
}

/** The error for a pinned peer, or undefined: its dates and its hash are all that is asked. */
export function pinError(
  leaf: X509Certificate | undefined,
  isPinned: boolean,
  nowMs: number,
  where: string,
): LinkError | undefined {
  const found = leaf === undefined || !isPinned ? PIN : datesFinding(leaf, nowMs);
  return found && tlsError("Verifying", where, found, new Error(leaf?.fingerprint256 ?? "no certificate"));
}

/**
 * The error for a link that broke. In TLS 1.3 a client hears only after its handshake what the server thinks of its
 * certificate; some servers say it with an alert, others just leave.
 */
export function brokenError(cause: Error, where: string, refusal: boolean): LinkError {
  const code = codeOf(cause);
  const found = isTls(code) ? findingOf(code) ?? REFUSED : refusal ? CERTIFICATE_REFUSED : undefined;
  return found === undefined ? linkError(cause, "talking to", where) : tlsError("Talking to", where, found, cause);
}

function datesFinding(leaf: X509Certificate, nowMs: number): Finding | undefined {
  if (Date.parse(leaf.validTo) < nowMs) return EXPIRED;
  return Date.parse(leaf.validFrom) > nowMs ? TOO_EARLY : undefined;
}

function findingOf(code: string): Finding | undefined {
  return FINDINGS.find(([pattern]) => pattern.test(code))?.[1];
}

function tlsError(step: string, where: string, [is, todo]: Finding, cause: Error): LinkError {
  const detail = codeOf(cause) || cause.message;
  return new LinkError("link-tls", "tls", `${step} ${where} failed: ${is} (${detail}). ${todo}`, { cause });
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function isTls(code: string): boolean {
  return /^ERR_(SSL|TLS|OSSL|BORINGSSL)/.test(code);
}
