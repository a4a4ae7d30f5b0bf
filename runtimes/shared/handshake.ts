/**
 * What a WebSocket server asks of a handshake besides RFC 6455: the path, the origin, the number of headers. It reads no
 * socket, and what it answers tells nothing about the program.
 *
 * @module
 */
import { UsageError } from "../../src/contract/errors.ts";
import type { Link, LinkInfo } from "../../src/contract/link.ts";

/** What a mounted server takes; the program's own server has the address, the TLS material and the timeouts. */
export interface MountOptions {
  /** Only this path is upgraded. Any path when absent. */
  readonly path?: string;
  /** Origins that browsers may connect from, besides the server's own; "*" is any. No Origin header is allowed. */
  readonly allowedOrigins?: readonly string[];
  /** Subprotocols this side speaks, best first. None is asked for. */
  readonly protocols?: readonly string[];
  /** Largest message taken, in bytes; 16,777,215 by default. A larger one closes with 1009. */
  readonly maxMessageBytes?: number;
}

/** Who takes the links. When it gives a promise and that rejects, the link is given up. */
export type Accept = (link: Link) => unknown;

/** The largest RSocket frame. */
export const DEFAULT_MESSAGE_BYTES = 16_777_215;
/** Most headers of a request. */
export const MAX_HEADERS = 100;
/** Most bytes of a request's head. */
export const MAX_HEADER_BYTES = 16_384;

/** The handshake as it came, or as much of it as is judged. */
export interface Handshake {
  /** Path and query. */
  readonly target: string;
  readonly secure: boolean;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** As they came, where the host tells. */
  readonly headerCount: number;
}

/** The status that refuses a handshake, or undefined. */
export type Verdict = 403 | 404 | 426 | 431 | undefined;

/** The reason phrases of the statuses. */
export const REASONS: Readonly<Record<Exclude<Verdict, undefined>, string>> = {
  403: "Forbidden",
  404: "Not Found",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
};

/** The rules of one server. Throws a UsageError "bad-argument" when one of them cannot mean anything. */
export function handshakeRules(options: MountOptions): (handshake: Handshake) => Verdict {
  const { path, allowedOrigins = [] } = options;
  if (path !== undefined && !/^\/[^?#]*$/.test(path)) {
    throw new UsageError(
      "bad-argument",
      `The path ${JSON.stringify(path)} cannot be served: write it like "/rsocket".`,
    );
  }
  const allowed = new Set(allowedOrigins.map(originOf));
  return ({ target, secure, headers, headerCount }) => {
    if (headerCount > MAX_HEADERS) return 431;
    if (path !== undefined && pathOf(target) !== path) return 404;
    if (headers.get("upgrade")?.toLowerCase() !== "websocket") return 426;
    const origin = headers.get("origin");
    if (origin === undefined || allowed.has("*") || allowed.has(origin.toLowerCase())) return undefined;
    return isSameOrigin(origin, headers.get("host"), secure) ? undefined : 403;
  };
}

/** The subprotocols a client offers. */
export function offeredProtocols({ headers }: Handshake): string[] {
  return (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
}

/** The first of this side's subprotocols that the client offers. */
export function chosenProtocol(offered: Iterable<string>, options: MountOptions): string | undefined {
  const names = new Set(offered);
  return options.protocols?.find((name) => names.has(name));
}

/** What a link tells of its handshake. */
export function requestInfo({ target, headers }: Handshake): NonNullable<LinkInfo["request"]> {
  const at = target.indexOf("?");
  return { path: pathOf(target), query: at < 0 ? "" : target.slice(at + 1), headers };
}

/** Hands a link over; what the program does wrong with it ends that link and nothing else. */
export function hand(link: Link, accept: Accept): void {
  Promise.resolve(accept(link)).catch(() => link.abort());
}

function pathOf(target: string): string {
  const at = target.indexOf("?");
  return at < 0 ? target : target.slice(0, at);
}

/**
 * A page of this server's own. The scheme is only asked for where this server does TLS itself: in front of a plain one
 * there may be something that does it.
 */
function isSameOrigin(origin: string, host: string | undefined, secure: boolean): boolean {
  const match = /^(https?):\/\/([^/]+)$/i.exec(origin);
  if (match === null || host === undefined) return false;
  const [, scheme = "", authority = ""] = match;
  if (secure && scheme.toLowerCase() !== "https") return false;
  const withoutDefault = (name: string) =>
    name.toLowerCase().replace(scheme.toLowerCase() === "https" ? /:443$/ : /:80$/, "");
  return withoutDefault(authority) === withoutDefault(host);
}

/** As browsers write it. */
function originOf(allowed: string): string {
  if (allowed === "*" || allowed === "null") return allowed;
  const origin = URL.canParse(allowed) ? new URL(allowed).origin : "null";
  if (origin !== "null" && allowed.toLowerCase().replace(/\/$/, "") === origin) return origin;
  const text = `The origin ${JSON.stringify(allowed)} cannot be allowed: write it like "https://example.org", or "*".`;
  throw new UsageError("bad-argument", text);
}
