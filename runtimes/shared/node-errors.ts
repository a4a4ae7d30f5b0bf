/**
 * The one place where a host's error becomes an error of this library. It never throws and never hides the cause.
 *
 * @module
 */
import { ERROR_CODES, type ErrorCode } from "../../src/contract/error-codes.ts";
import { type HeadraceError, LinkError, type LinkReason, UsageError } from "../../src/contract/errors.ts";

/** What was being done when the host failed. */
export type Step = "connecting to" | "listening on" | "talking to";

/** One row: the code and the reason it becomes, and what is the case. What to do is in error-codes.ts. */
type Row = readonly [code: ErrorCode, reason: LinkReason, is: string];

const REFUSED: Row = ["link-refused", "refused", "nobody listens there"];
const RESET: Row = ["link-reset", "reset", "the peer broke the connection off"];
const TIMEOUT: Row = ["link-timeout", "timeout", "no answer came in time"];
const UNREACHABLE: Row = ["link-unreachable", "unreachable", "there is no way to that address"];
const UNKNOWN_NAME: Row = ["link-unreachable", "unreachable", "the name has no address"];
const IN_USE: Row = ["port-in-use", "in-use", "another program listens there"];

const ROWS: ReadonlyMap<string, Row> = new Map([
  ["ECONNREFUSED", REFUSED],
  ["ECONNRESET", RESET],
  ["EPIPE", RESET],
  ["ECONNABORTED", RESET],
  ["ETIMEDOUT", TIMEOUT],
  ["EHOSTUNREACH", UNREACHABLE],
  ["ENETUNREACH", UNREACHABLE],
  ["EHOSTDOWN", UNREACHABLE],
  ["ENETDOWN", UNREACHABLE],
  ["ENOTFOUND", UNKNOWN_NAME],
  ["EAI_AGAIN", UNKNOWN_NAME],
  ["EADDRINUSE", IN_USE],
]);

/** What an error that is in no row most likely means, by what was being done. */
const OTHERWISE: { readonly [S in Step]: Row } = {
  "connecting to": ["link-unreachable", "unreachable", "the host could not connect"],
  "listening on": ["link-unreachable", "unreachable", "this machine cannot listen there"],
  "talking to": RESET,
};

/** The error for a failed connect or listen. Permissions and addresses that cannot be are the caller's to change. */
export function openError(cause: unknown, step: Step, where: string): HeadraceError {
  const errno = errnoOf(cause);
  if (errno === "EACCES" || errno === "EPERM" || nameOf(cause) === "NotCapable") {
    const todo = "Choose another port (those below 1024 are often reserved), or give the program the permission.";
    return new UsageError("bad-argument", sentence(step, where, "the host does not permit it", cause, todo), { cause });
  }
  // EINVAL is Deno's name for the same.
  if ((errno === "EADDRNOTAVAIL" || errno === "EINVAL") && step === "listening on") {
    const is = "the address does not belong to this machine";
    const todo = "Listen on 127.0.0.1, 0.0.0.0, or an address of this machine.";
    return new UsageError("bad-argument", sentence(step, where, is, cause, todo), { cause });
  }
  // Node and Deno, and Bun.
  if (errno === "ERR_SOCKET_BAD_PORT" || errno === "ERR_OUT_OF_RANGE") {
    const todo = "Choose a port from 0 to 65535.";
    return new UsageError("bad-argument", sentence(step, where, "there is no such port", cause, todo), { cause });
  }
  return linkError(cause, step, where);
}

/** The error for a link that broke. */
export function linkError(cause: unknown, step: Step, where: string): LinkError {
  const [code, reason, is] = ROWS.get(errnoOf(cause) ?? "") ?? OTHERWISE[step];
  return new LinkError(code, reason, sentence(step, where, is, cause, ERROR_CODES[code].todo), { cause });
}

/** The error for a link that this side gave up. */
export function abortedError(where: string): LinkError {
  return new LinkError("link-closed", "closed", `The connection to ${where} was given up by this side.`);
}

/** The error for a file that cannot be read. */
export function fileError(cause: unknown, path: string): HeadraceError {
  const errno = errnoOf(cause);
  const is = errno === "ENOENT" ? "there is no such file" : errno === "EISDIR" ? "it is a directory" : detailOf(cause);
  const what = `Reading ${path} failed: ${is}. Check the path and who may read it.`;
  return new UsageError("bad-argument", what, { cause });
}

/** What was tried, what is, what to do. */
function sentence(step: Step, where: string, is: string, cause: unknown, todo: string): string {
  const detail = errnoOf(cause) ?? detailOf(cause);
  return `${step[0]?.toUpperCase()}${step.slice(1)} ${where} failed: ${is} (${detail}). ${todo}`;
}

/** The errno name, if the error has one. Trying several addresses gives an AggregateError that may have it inside. */
function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return error instanceof AggregateError ? errnoOf(error.errors[0]) : undefined;
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
