/**
 * What a transport reads from a URL, and the complaints about the rest. It never resolves a name.
 *
 * @module
 */
import { UsageError } from "../src/contract/errors.ts";

/** A host without brackets, and a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Host and port of a URL like tcp://127.0.0.1:7878 or tcp://[::1]:7878. There is no default host: what listens on all
 * interfaces does so because its URL says 0.0.0.0 or [::].
 */
export function addressOf(url: URL, example: string, leastPort: 0 | 1): Address {
  refuseMore(url, example);
  if (url.hostname === "") throw complaint(url, "it names no host", example);
  if (url.port === "") throw complaint(url, "it names no port", example);
  const port = Number(url.port);
  if (port < leastPort) throw complaint(url, "port 0 means any port and can only be listened on", example);
  const bracketed = url.hostname.startsWith("[");
  return { host: bracketed ? url.hostname.slice(1, -1) : url.hostname, port };
}

/** Refuses what a URL may carry but the transport has no use for, so that no part of an address is silently dropped. */
export function refuseMore(url: URL, example: string): void {
  if (url.pathname !== "" && url.pathname !== "/") throw complaint(url, "a path means nothing here", example);
  if (url.search !== "") throw complaint(url, "a query means nothing here", example);
  if (url.hash !== "") throw complaint(url, "a fragment means nothing here", example);
  if (url.username !== "" || url.password !== "") throw complaint(url, "a user name means nothing here", example);
}

/** The error for a URL. The password, if any, is not repeated. */
export function complaint(url: URL, is: string, example: string): UsageError {
  const shown = `${url.protocol}//${url.host}${url.pathname}${url.search}${url.hash}`;
  return new UsageError("bad-argument", `The URL ${shown} cannot be used: ${is}. Write it like ${example}.`);
}

/** "host:port", with the brackets an IPv6 address needs. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
