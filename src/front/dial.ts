/**
 * From a target to a link: picks the transport, dials, tries the next. It holds no connection.
 *
 * @module
 */
import { HeadraceError, LinkError, UsageError } from "../contract/errors.ts";
import type { Link, Session } from "../contract/link.ts";
import { runtimeOf, transportOf, urlOf } from "./host.ts";
import type { RSocketOptions, Target } from "./rsocket-types.ts";

/**
 * Connects to a target. Rejects with its error; with several, with one that names them all and keeps the errors in
 * `cause`. When the signal aborts it rejects with the reason at once, and a link that still comes is given up.
 */
export async function dial(target: Target, options: RSocketOptions, signal: AbortSignal): Promise<Link | Session> {
  if (typeof target === "function") return await unlessAborted(provided(target), signal);
  const targets: readonly (string | URL)[] = Array.isArray(target) ? target : [target as string | URL];
  const errors: unknown[] = [];
  for (const each of targets) {
    try {
      const url = urlOf(each);
      const transport = transportOf(options, url, "dial");
      // The time of the call is watched by whoever called, so that it is one time for all targets.
      const { timeoutMs: _, ...rest } = options;
      return await unlessAborted(transport.dial(runtimeOf(options), url, { ...rest, signal }), signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length === 0) throw new UsageError("bad-argument", "Cannot connect: the list of targets is empty");
  const text = `Cannot connect to any of ${targets.join(", ")}: ${errors.map(messageOf).join("; ")}`;
  throw new LinkError("link-unreachable", "unreachable", text, { cause: new AggregateError(errors, text) });
}

/** What a target is called in messages. */
export function nameOf(target: Target): string {
  if (typeof target === "function") return "what the target function gives";
  return Array.isArray(target) ? target.join(", ") : String(target);
}

/** Lets go of a wire that nobody will use. */
export function discard(wire: Link | Session): void {
  if (wire.kind === "session") wire.close(0, "not used");
  else wire.abort();
}

async function provided(target: () => AsyncIterable<Link | Session>): Promise<Link | Session> {
  let result: IteratorResult<Link | Session>;
  try {
    result = await target()[Symbol.asyncIterator]().next();
  } catch (cause) {
    if (cause instanceof HeadraceError) throw cause;
    const text = `Cannot connect: the target function failed: ${messageOf(cause)}`;
    throw new LinkError("link-unreachable", "unreachable", text, { cause });
  }
  if (!result.done) return result.value;
  throw new LinkError("link-unreachable", "unreachable", "Cannot connect: the target function gave no link");
}

/** Does not wait for a dial that goes on after the signal has aborted. */
function unlessAborted(dialling: Promise<Link | Session>, signal: AbortSignal): Promise<Link | Session> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
    dialling.then((wire) => {
      signal.removeEventListener("abort", onAbort);
      if (signal.aborted) discard(wire);
      else resolve(wire);
    }, (error) => {
      signal.removeEventListener("abort", onAbort);
      reject(error);
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
