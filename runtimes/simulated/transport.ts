/**
 * The "sim" scheme: a URL and a network become a simulated link or session. It never leaves the process.
 *
 * `sim://name` dials a name. The query of a listening URL says what it accepts, `?kind=bytes` (the default), `messages`
 * or `session`; that of a dialling URL may say so too, and may change the shape of its connection by the names of
 * `Shape`: `sim://server?latencyMs=40&resegmentChance=1`.
 *
 * @module
 */
import { UsageError } from "../../src/contract/errors.ts";
import type { Listener, Transport } from "../../src/contract/transport.ts";
import type { Network, NetworkListener, SimulatedKind } from "./network.ts";
import { shapeFrom } from "./shape.ts";

/** A transport over one network. It needs nothing of the runtime. */
export function simulated(network: Network): Transport {
  return {
    schemes: ["sim"],
    needs: { dial: [], listen: [] },
    async dial(_runtime, url, options) {
      const kind = kindOf(url);
      return network.dial(nameOf(url), {
        shape: shapeFrom(url.searchParams, network.shape),
        ...(kind === undefined ? {} : { kind }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      });
    },
    async listen(_runtime, url, options, accept) {
      options.signal?.throwIfAborted();
      return listenerOf(network.listen(nameOf(url), kindOf(url) ?? "bytes", accept));
    },
  };
}

function listenerOf(bound: NetworkListener): Listener {
  const close = () => {
    bound.close();
    return Promise.resolve();
  };
  return { url: `sim://${bound.name}?kind=${bound.kind}`, closed: bound.closed, close, [Symbol.asyncDispose]: close };
}

function nameOf(url: URL): string {
  if (url.host === "") throw new UsageError("bad-argument", `Cannot use "${url.href}": it names nobody`);
  return url.host;
}

function kindOf(url: URL): SimulatedKind | undefined {
  const kind = url.searchParams.get("kind");
  if (kind === null || kind === "bytes" || kind === "messages" || kind === "session") return kind ?? undefined;
  throw new UsageError("bad-argument", `Cannot use "${url.href}": kind is bytes, messages or session`);
}
