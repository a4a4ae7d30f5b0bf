/**
 * TCP on Deno: node:net, after asking for permission to listen. It never touches a socket itself.
 *
 * @module
 */
import type { Tcp } from "../../src/contract/runtime.ts";
import { nodeTcp } from "../shared/node-net.ts";
import { askToListen } from "./permission.ts";

/** The TCP capability. */
export function denoTcp(): Tcp {
  const tcp = nodeTcp();
  return {
    connect: (options) => tcp.connect(options),
    async listen(options, accept) {
      await askToListen(options.host, options.port);
      return await tcp.listen(options, accept);
    },
  };
}
