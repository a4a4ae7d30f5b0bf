/**
 * A network of names: who listens, who dials, and every connection between them, for tests to break. It never
 * resolves, routes or shares bandwidth between connections.
 *
 * @module
 */
import { type HeadraceError, LinkError, UsageError } from "../../src/contract/errors.ts";
import type { CloseInfo, Link, LinkInfo, Session } from "../../src/contract/link.ts";
import type { CallOptions } from "../../src/contract/transport.ts";
import type { VirtualClock } from "./clock.ts";
import { linkPair } from "./link.ts";
import type { Random } from "./random.ts";
import { sessionPair } from "./session.ts";
import type { Shape } from "./shape.ts";
import type { Trace } from "./trace.ts";
import { Wire } from "./wire.ts";

/** What connections a listener accepts. */
export type SimulatedKind = Link["kind"] | Session["kind"];

/** What a network is made of. */
export interface NetworkParts {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly trace: Trace;
  /** Of connections whose dial names no other. */
  readonly shape: Shape;
}

/** How to dial. */
export interface NetworkDialOptions extends CallOptions {
  /** Absent: whatever the listener accepts. */
  readonly kind?: SimulatedKind;
  /** What this one connection is like. */
  readonly shape?: Shape;
}

/** A name that is listened on. */
export interface NetworkListener {
  /** The name to dial. */
  readonly name: string;
  /** What it accepts. */
  readonly kind: SimulatedKind;
  /** Settles once, when it no longer accepts. */
  readonly closed: Promise<CloseInfo>;
  /** Stops accepting and frees the name. Accepted connections live on. */
  close(): void;
}

interface Bound {
  readonly kind: SimulatedKind;
  readonly accept: (accepted: Link | Session) => void;
}

/** A dial that has not been answered. */
interface Call {
  readonly wire: Wire;
  readonly name: string;
  readonly kind: SimulatedKind | undefined;
  given: boolean;
  readonly resolve: (dialled: Link | Session) => void;
  readonly reject: (error: unknown) => void;
}

/** Joins diallers and listeners by name. */
export class Network {
  /** The shape of connections dialled from now on, for a storm that begins or ends in the middle of a test. */
  shape: Shape;
  readonly #parts: NetworkParts;
  readonly #bound = new Map<string, Bound>();
  readonly #wires: Wire[] = [];
  #ports = 0;

  /** Made by `createSimulation`. */
  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.shape = parts.shape;
  }

  /** Every connection that was dialled, in order, also those that are over. */
  get wires(): readonly Wire[] {
    return this.#wires;
  }

  /** The latest connection, for the usual test with one. Throws when nobody dialled. */
  get wire(): Wire {
    const wire = this.#wires.at(-1);
    if (wire === undefined) throw new Error("Cannot give a wire: nobody dialled");
    return wire;
  }

  /** Binds a name. A name that ends in ":0" gets a number of the network's choice. Throws a LinkError when it is taken. */
  listen(name: string, kind: SimulatedKind, accept: (accepted: Link | Session) => void): NetworkListener {
    const bound: Bound = { kind, accept };
    const chosen = name.endsWith(":0") ? `${name.slice(0, -1)}${++this.#ports}` : name;
    if (this.#bound.has(chosen)) throw new LinkError("port-in-use", "in-use", `Cannot listen: "${chosen}" is taken`);
    this.#bound.set(chosen, bound);
    let told: (info: CloseInfo) => void = () => {};
    const closed = new Promise<CloseInfo>((resolve) => {
      told = resolve;
    });
    const close = () => {
      if (this.#bound.get(chosen) === bound) this.#bound.delete(chosen);
      told({ code: "closed", reason: "" });
    };
    return { name: chosen, kind, closed, close };
  }

  /**
   * Connects after one round trip. Rejects with a LinkError when nobody listens, when the wire is cut before, or after
   * `timeoutMs`; with `signal.reason` when the signal ends it; with a UsageError when the listener has another kind.
   */
  dial(name: string, options: NetworkDialOptions = {}): Promise<Link | Session> {
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted === true) return reject(options.signal.reason);
      const shape = options.shape ?? this.shape;
      const wire = new Wire(`n${this.#wires.length + 1}`, name, { ...this.#parts, shape });
      this.#wires.push(wire);
      wire.record("", `dials ${name}`);
      let stop = () => {};
      const done = <T>(settle: (value: T) => void) => (value: T) => {
        stop();
        settle(value);
      };
      const call: Call = { wire, name, kind: options.kind, given: false, resolve: done(resolve), reject: done(reject) };
      stop = this.#limit(call, options);
      wire.arrive("up", wire.arrival("up", 0, wire.random), () => this.#knock(call));
    });
  }

  #knock(call: Call): void {
    const { wire, name } = call;
    if (call.given) return;
    const bound = this.#bound.get(name);
    const refused = wire.random.chance(wire.shape.refuseChance);
    if (wire.broken) return this.#fail(call, new LinkError("link-reset", "reset", `Cannot dial "${name}": cut`));
    if (bound === undefined || refused) {
      const why = bound === undefined ? "nobody listens" : "refused";
      return this.#fail(call, new LinkError("link-refused", "refused", `Cannot dial "${name}": ${why}`));
    }
    if (call.kind !== undefined && call.kind !== bound.kind) {
      const text = `Cannot dial "${name}" for ${call.kind}: it listens for ${bound.kind}`;
      return this.#fail(call, new UsageError("bad-argument", text));
    }
    const [near, far] = pair(wire, bound.kind);
    wire.record("", `accepted as ${bound.kind}`);
    wire.arrive("down", wire.arrival("down", 0, wire.random), () => {
      if (!call.given) return call.resolve(near);
      if (near.kind === "session") near.close();
      else near.abort();
    });
    bound.accept(far);
  }

  #fail(call: Call, error: HeadraceError): void {
    const { wire } = call;
    wire.record("", `failed ${error.code}`);
    wire.retire();
    wire.arrive("down", wire.arrival("down", 0, wire.random), () => call.reject(error));
  }

  /** Gives the call up when the signal or the time ends it. The result stops watching. */
  #limit(call: Call, options: CallOptions): () => void {
    const { clock } = this.#parts;
    const { signal, timeoutMs = Infinity } = options;
    const give = (error: unknown) => {
      call.given = true;
      call.wire.record("", "dial given up");
      call.reject(error);
    };
    const onAbort = () => give(signal?.reason);
    const cancel = clock.wake(clock.now() + timeoutMs, () => {
      give(new LinkError("link-timeout", "timeout", `Cannot dial "${call.name}": no answer in ${timeoutMs} ms`));
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    return () => {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    };
  }
}

function pair(wire: Wire, kind: SimulatedKind): [Link | Session, Link | Session] {
  const near: LinkInfo = { scheme: "sim", local: wire.name, remote: wire.target, secure: false };
  const far: LinkInfo = { scheme: "sim", local: wire.target, remote: wire.name, secure: false };
  return kind === "session" ? sessionPair(wire, near, far) : linkPair({ wire, name: "", kind }, near, far);
}
