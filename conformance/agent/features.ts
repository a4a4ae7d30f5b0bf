// What a runtime can take part in, computed from what its transports need and what it has. It opens nothing.
import type { Capability, Runtime } from "../../src/contract/runtime.ts";
import type { Unsupported } from "./protocol.ts";

/** The answer to a probe. */
export interface Probed {
  readonly supported: boolean;
  readonly reason?: string;
}

/** "transport:<scheme>:client" and "transport:<scheme>:server" for all that this runtime can do. */
export function featuresOf(runtime: Runtime): string[] {
  const schemes = runtime.transports.flatMap((transport) => transport.schemes);
  const candidates = schemes.flatMap((scheme) => [`transport:${scheme}:client`, `transport:${scheme}:server`]);
  return candidates.filter((feature) => probe(runtime, feature).supported);
}

/** Whether one of those features is there, and what it lacks when not. */
export function probe(runtime: Runtime, feature: string): Probed {
  const [area, scheme = "", role] = feature.split(":");
  if (area !== "transport" || (role !== "client" && role !== "server")) return no("not a feature of this agent");
  const transport = runtime.transports.find(({ schemes }) => schemes.includes(scheme));
  if (transport === undefined) return no(`no transport has the scheme ${scheme}`);
  const needs = role === "client" ? transport.needs.dial : transport.needs.listen;
  if (needs === undefined) return no(`the transport of ${scheme} only dials`);
  const missing = needs.filter((capability: Capability) => runtime.capabilities[capability] === undefined);
  return missing.length === 0 ? { supported: true } : no(`${runtime.name} lacks ${missing.join(", ")}`);
}

/** What is missing to use this URL, or undefined when nothing is. A text that is no URL is left to the library. */
export function lackOf(runtime: Runtime, url: string, role: "client" | "server"): Unsupported | undefined {
  if (!URL.canParse(url)) return undefined;
  const feature = `transport:${new URL(url).protocol.slice(0, -1)}:${role}`;
  const { supported, reason = "" } = probe(runtime, feature);
  return supported ? undefined : { feature, reason };
}

function no(reason: string): Probed {
  return { supported: false, reason };
}
