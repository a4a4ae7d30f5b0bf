/**
 * The tls transport: tls://host:port becomes a Link by the runtime's tls capability. It never touches a socket itself.
 *
 * @module
 */
import { UsageError } from "../src/contract/errors.ts";
import type { TlsOptions } from "../src/contract/link.ts";
import type { Runtime, Tls } from "../src/contract/runtime.ts";
import type { Transport } from "../src/contract/transport.ts";
import { addressOf, hostPort } from "./address.ts";
import { withinDeadline } from "./deadline.ts";
import { listenerOf } from "./listener.ts";

const EXAMPLE = "tls://127.0.0.1:7879";

/**
 * TLS 1.2 or newer over TCP. A dialler verifies the name in the URL (or `tls.serverName`) against `tls.ca` or the
 * host's own authorities, or only `tls.certificateHashes` and the dates. A listener needs `tls.cert` and `tls.key`; with
 * `tls.ca` its clients must show a certificate.
 */
export const tls: Transport = {
  schemes: ["tls"],
  needs: { dial: ["tls"], listen: ["tls"] },

  async dial(runtime, url, options) {
    const { host, port } = addressOf(url, EXAMPLE, 1);
    const capability = tlsOf(runtime);
    return await withinDeadline(
      runtime.clock,
      `Connecting to ${hostPort(host, port)}`,
      options,
      (signal) => capability.connect({ host, port, tls: options.tls ?? {}, ...(signal && { signal }) }),
    );
  },

  async listen(runtime, url, options, accept) {
    const address = addressOf(url, EXAMPLE, 0);
    const capability = tlsOf(runtime);
    const material = serverMaterial(options.tls);
    options.signal?.throwIfAborted();
    const bound = await capability.listen({ ...address, tls: material }, accept);
    if (options.signal?.aborted === true) {
      await bound.close();
      options.signal.throwIfAborted();
    }
    return listenerOf("tls", bound);
  },
};

function tlsOf(runtime: Runtime): Tls {
  const { tls: capability } = runtime.capabilities;
  if (capability !== undefined) return capability;
  const text = `The runtime "${runtime.name}" has no TLS. Use another transport, or another runtime.`;
  throw new UsageError("missing-capability", text);
}

/** What only a dialler has a use for is refused, so that nobody believes that clients are pinned. */
function serverMaterial(material: TlsOptions = {}): TlsOptions {
  if (material.cert === undefined || material.key === undefined) {
    const text = "Listening on tls: needs a certificate and its key. Give `tls.cert` and `tls.key`, PEM texts.";
    throw new UsageError("bad-argument", text);
  }
  const { certificateHashes, serverName } = material;
  if (certificateHashes === undefined && serverName === undefined) return material;
  const name = serverName === undefined ? "certificateHashes" : "serverName";
  throw new UsageError("bad-argument", `The option tls.${name} is for dialling and means nothing to a listener.`);
}
