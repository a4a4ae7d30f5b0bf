/**
 * Which runtime and which transports a call uses: what the caller handed in, or those of the host it runs on. The only
 * file of src/ that knows there is a host, by the name `#runtime` that the package manifests resolve.
 *
 * @module
 */
import { runtime as hostRuntime } from "#runtime";
import { UsageError } from "../contract/errors.ts";
import type { Capability, Runtime } from "../contract/runtime.ts";
import type { Transport } from "../contract/transport.ts";

/** Where to run. Both default to the host's own. */
export interface Host {
  /** Clock, randomness and capabilities. The host's that runs this program when absent. */
  readonly runtime?: Runtime;
  /** What is looked through for the scheme of a URL. The runtime's own when absent. */
  readonly transports?: readonly Transport[];
}

/** The runtime of a call. */
export function runtimeOf(host: Host): Runtime {
  return host.runtime ?? hostRuntime;
}

/** The URL of a target. Throws UsageError ("bad-argument"). */
export function urlOf(target: string | URL): URL {
  if (target instanceof URL) return target;
  try {
    return new URL(target);
  } catch (cause) {
    throw new UsageError("bad-argument", `Cannot use ${JSON.stringify(target)}: it is not a URL like tcp://host:7000`, {
      cause,
    });
  }
}

/** The transport for a URL. Throws UsageError ("unknown-scheme", "missing-capability"). */
export function transportOf(host: Host, url: URL, use: "dial" | "listen"): Transport {
  const runtime = runtimeOf(host);
  const transports = host.transports ?? runtime.transports;
  const scheme = url.protocol.slice(0, -1);
  const transport = transports.find((each) => each.schemes.includes(scheme));
  if (transport === undefined) {
    const known = transports.flatMap((each) => each.schemes).join(", ");
    const text = `Cannot ${use} ${url.href}: no transport here has the scheme "${scheme}"; use one of: ${known}`;
    throw new UsageError("unknown-scheme", text);
  }
  const needs = use === "dial" ? transport.needs.dial : transport.needs.listen;
  if (needs === undefined || transport.listen === undefined && use === "listen") {
    throw new UsageError("missing-capability", `Cannot listen on ${url.href}: the transport "${scheme}" only dials`);
  }
  const missing = needs.find((need: Capability) => runtime.capabilities[need] === undefined);
  if (missing !== undefined) {
    throw new UsageError(
      "missing-capability",
      `Cannot ${use} ${url.href}: the runtime "${runtime.name}" has no ${missing}; use another scheme or runtime`,
    );
  }
  return transport;
}
