/**
 * TCP on Deno: node:net, and the question for permission that node:net does not ask in a way that can be answered.
 * It never touches a socket itself.
 *
 * @module
 */
import type { Tcp } from "../../src/contract/runtime.ts";
import { hostPort } from "../../transports/address.ts";
import { openError } from "../shared/node-errors.ts";
import { nodeTcp } from "../shared/node-net.ts";

/** The members of Deno used here. */
interface DenoHost {
  readonly permissions: {
    /** Asks the user if it is open and there is somebody to ask. */
    request(what: { readonly name: "net"; readonly host: string }): Promise<{ readonly state: string }>;
  };
}

/**
 * The TCP capability. A listen without permission throws from inside node:net on a later turn, where nobody can catch
 * it and the process ends (Deno 2.9.6); so the permission is asked for first. A connect needs no such care.
 */
export function denoTcp(): Tcp {
  const tcp = nodeTcp();
  return {
    connect: (options) => tcp.connect(options),
    async listen({ host, port }, accept) {
      const where = hostPort(host, port);
      const { state } = await denoHost().permissions.request({ name: "net", host: where });
      if (state !== "granted") {
        throw openError(new NotCapable(`run with --allow-net=${where}`), "listening on", where);
      }
      return await tcp.listen({ host, port }, accept);
    },
  };
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
