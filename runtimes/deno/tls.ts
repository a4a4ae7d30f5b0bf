/**
 * TLS on Deno: node:tls with a tap below it, because Deno's own reads on while paused. It never touches a socket itself.
 *
 * @module
 */
import type { Tls } from "../../src/contract/runtime.ts";
import { nodeTls } from "../shared/node-tls.ts";
import { askToListen } from "./permission.ts";

/** The TLS capability. The permission to listen is asked for first, as for TCP. */
export function denoTls(): Tls {
  const tls = nodeTls({ tap: true });
  return {
    connect: (options) => tls.connect(options),
    async listen(options, accept) {
      await askToListen(options.host, options.port);
      return await tls.listen(options, accept);
    },
  };
}
