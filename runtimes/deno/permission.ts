/**
 * The question for permission that node:net does not ask in a way that can be answered: a listen without it throws from
 * inside node:net on a later turn, where nobody can catch it and the process ends (Deno 2.9.6). It opens nothing.
 *
 * @module
 */
import { hostPort } from "../../transports/address.ts";
import { openError } from "../shared/node-errors.ts";

/** The members of Deno used here. */
interface DenoHost {
  readonly permissions: {
    /** Asks the user if it is open and there is somebody to ask. */
    request(what: { readonly name: "net"; readonly host: string }): Promise<{ readonly state: string }>;
  };
}

/** Resolves when the program may listen there, and rejects with a UsageError when not. A connect needs no such care. */
export async function askToListen(host: string, port: number): Promise<void> {
  const where = hostPort(host, port);
  const { state } = await denoHost().permissions.request({ name: "net", host: where });
  if (state === "granted") return;
  throw openError(new NotCapable(`run with --allow-net=${where}`), "listening on", where);
}

/** Named as Deno names it, so that it becomes the same error. */
class NotCapable extends Error {
  override name = "NotCapable";
}

function denoHost(): DenoHost {
  const { Deno } = globalThis as { readonly Deno?: DenoHost };
  if (Deno === undefined) throw new Error("This is the runtime of Deno, and the program does not run on Deno.");
  return Deno;
}
