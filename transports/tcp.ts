/**
 * The tcp transport: tcp://host:port becomes a Link by the runtime's tcp capability. It never touches a socket itself.
 *
 * @module
 */
import { UsageError } from "../src/contract/errors.ts";
import type { Runtime, Tcp } from "../src/contract/runtime.ts";
import type { Transport } from "../src/contract/transport.ts";
import { addressOf, hostPort } from "./address.ts";
import { withinDeadline } from "./deadline.ts";
import { listenerOf } from "./listener.ts";

const EXAMPLE = "tcp://127.0.0.1:7878";

/** TCP without encryption. */
export const tcp: Transport = {
  schemes: ["tcp"],
  needs: { dial: ["tcp"], listen: ["tcp"] },

  async dial(runtime, url, options) {
    const { host, port } = addressOf(url, EXAMPLE, 1);
    const capability = tcpOf(runtime);
    return await withinDeadline(
      runtime.clock,
      `Connecting to ${hostPort(host, port)}`,
      options,
      (signal) => capability.connect({ host, port, ...(signal && { signal }) }),
    );
  },

  async listen(runtime, url, options, accept) {
    const address = addressOf(url, EXAMPLE, 0);
    const capability = tcpOf(runtime);
    options.signal?.throwIfAborted();
    const bound = await capability.listen(address, accept);
    if (options.signal?.aborted === true) {
      await bound.close();
      options.signal.throwIfAborted();
    }
    return listenerOf("tcp", bound);
  },
};

function tcpOf(runtime: Runtime): Tcp {
  const { tcp: capability } = runtime.capabilities;
  if (capability !== undefined) return capability;
  const text = `The runtime "${runtime.name}" has no TCP. Use another transport, or another runtime.`;
  throw new UsageError("missing-capability", text);
}
