// The application behind a fuzzed machine: it answers events by a seeded policy, carries out the commands of the
// program, and sometimes tries what it may not. What it does right and wrong is told to the laws.
import { PeerError, UsageError } from "../../src/contract/errors.ts";
import type { RSocketConnection } from "../../src/rsocket/connection.ts";
import type { RSocketEvent } from "../../src/rsocket/event.ts";
import type { Interaction } from "../../src/rsocket/lifecycle.ts";
import type { Manner } from "./conversation-program.ts";
import type { EmissionLaws, Grants } from "./emission-laws.ts";
import type { EventLaws, Known } from "./event-laws.ts";
import { Random } from "./random.ts";
import { hold } from "./target.ts";

/** A machine under the fuzzer; a planted one stands in its place. Contexts are numbers. */
export type Machine = RSocketConnection<number>;

const REQUESTS: readonly Interaction[] = ["response", "fnf", "stream", "channel"];
const SIZES = [0, 1, 5, 40, 90, 130, 300, 9_000] as const;

/** What the application sends: one byte for each size, over and over. Never written. */
const DATA: readonly Uint8Array[] = SIZES.map((size) => new Uint8Array(size).fill(size & 0xff));

/** One application. */
export class Application {
  /** Handlers that were held. */
  held = 0;
  readonly #machine: Machine;
  readonly #manner: Manner;
  readonly #laws: EventLaws;
  readonly #wire: EmissionLaws;
  readonly #grants: Grants;
  readonly #random: Random;

  constructor(machine: Machine, manner: Manner, laws: EventLaws, wire: EmissionLaws, grants: Grants) {
    this.#machine = machine;
    this.#manner = manner;
    this.#laws = laws;
    this.#wire = wire;
    this.#grants = grants;
    this.#random = new Random(manner.seed);
  }

  /** Hears an event, checks that it may come, and answers. */
  hears(event: RSocketEvent<number>): void {
    switch (event.type) {
      case "setup":
        if (this.#manner.accept === "at once") this.#machine.accept();
        return;
      case "request": {
        const known = this.#laws.request(event);
        if (known === undefined) return;
        this.#wire.begun(event.id, event.interaction);
        this.#grants.set(event.id, event.n);
        this.#machine.attach(event.id, known.context);
        return this.#answer(known);
      }
      case "metadataPush":
      case "connectionError":
      case "keepaliveTimeout":
        return;
      default: {
        const known = this.#laws.event(event);
        if (event.type === "requestN") this.#grants.add(event.id, event.n);
        this.#answer(known);
      }
    }
  }

  /** Carries out a command of the program. Its bytes choose among what there is. */
  does(kind: number, bytes: Uint8Array, nowMs: number): void {
    const [first = 0, second = 0, third = 0] = bytes;
    if (kind < 120) return this.#request(kind, first, second, third);
    if (kind < 200) return this.#stream(first, second, third);
    if (kind < 210) return this.#try(() => this.#machine.metadataPush(dataOf(first)));
    if (kind < 240) return this.#machine.accept();
    if (kind < 242) return this.#machine.reject("no");
    if (kind < 244) return this.#machine.close(nowMs, first & 63);
    if (kind < 250) return this.#machine.congested((first & 1) === 0);
    if (kind < 251) return this.#machine.abort(new PeerError("frame-malformed", "the application gave up"));
    this.#holdOrLetGo(first);
  }

  #answer(known: Known): void {
    if (this.#manner.quiet) return;
    const random = this.#random;
    for (let count = random.below(3); count > 0; count--) {
      // Live or not any more: both must be safe.
      this.#act(known, random.u32() & 0xff, random.u32() & 0xff);
    }
  }

  #request(kind: number, first: number, second: number, third: number): void {
    const interaction = REQUESTS[kind & 3]!;
    const data = dataOf(first);
    const metadata = metadataOf(second);
    const n = 1 + (third & 7);
    const complete = (third & 8) !== 0;
    const context = this.#laws.nextContext();
    const id = this.#try(() => {
      if (interaction === "fnf") return this.#machine.fireAndForget(data, metadata);
      if (interaction === "response") return this.#machine.requestResponse(data, metadata, context);
      if (interaction === "stream") return this.#machine.requestStream(data, metadata, n, context);
      return this.#machine.requestChannel(data, metadata, n, complete, context);
    });
    if (id === undefined || interaction === "fnf") return;
    this.#laws.began(id, interaction, n, complete, context);
    this.#grants.set(id, 0);
  }

  #stream(first: number, second: number, third: number): void {
    const { ids } = this.#laws;
    const known = ids.length === 0 ? undefined : this.#laws.get(ids[first % ids.length]!);
    if (known !== undefined) this.#act(known, second, third);
    else this.#try(() => this.#machine.cancel(first)); // a stream that is not there
  }

  /** One command on a stream. Without credit an item must be refused with "no-demand" and change nothing. */
  #act(known: Known, what: number, how: number): void {
    const { id } = known;
    const machine = this.#machine;
    if (what < 130) return this.#item(known, what, how);
    if (what < 150) {
      machine.complete(id);
      return this.#laws.completed(known);
    }
    if (what < 200) {
      const n = 1 + (how & 3);
      machine.requestN(id, n);
      return this.#laws.asked(known, n);
    }
    if (what < 225) {
      machine.cancel(id);
      return this.#laws.cancelled(known);
    }
    if (what < 245) {
      machine.fail(id, how < 128 ? 0x201 + (how & 3) : 0x301 + how, "the application says why, at some length");
      return this.#laws.failed(known);
    }
    if (this.#manner.overreaches) this.#overreach(id, how);
  }

  #item(known: Known, what: number, how: number): void {
    const needsCredit = known.interaction !== "response" || known.own;
    const mayNot = known.sends && needsCredit && known.credit === 0;
    if (mayNot && !this.#manner.overreaches) return;
    const complete = (what & 3) === 0;
    const sent = this.#try(() => this.#machine.payload(known.id, dataOf(how), metadataOf(how >>> 4), complete));
    hold(sent === (mayNot ? undefined : known.sends), "an item was taken or refused wrongly", () => `${sent}`);
    if (sent === true) this.#laws.sent(known, complete);
  }

  /** Calls that are wrong whatever the state. */
  #overreach(id: number, how: number): void {
    const wrong = [
      () => this.#machine.requestN(id, 0),
      () => this.#machine.requestN(id, 2 ** 31),
      () => this.#machine.requestN(id, 1.5),
      () => this.#machine.fail(id, 0x101, "not for streams"),
      () => this.#machine.requestStream(dataOf(0), undefined, Number.NaN, 0),
    ];
    const done = this.#try(() => {
      wrong[how % wrong.length]!();
      return true;
    });
    hold(done === undefined, "took a wrong argument");
  }

  #holdOrLetGo(first: number): void {
    if ((first & 1) === 0) this.#machine.hold();
    else if (this.held > 0) this.#machine.letGo();
    this.held = Math.max(0, this.held + ((first & 1) === 0 ? 1 : -1));
  }

  /** What a command gives, or undefined when it throws as commands may. */
  #try<T>(command: () => T): T | undefined {
    try {
      return command();
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }
}

function dataOf(choice: number): Uint8Array {
  // Large ones seldom, because they take most of the time.
  return DATA[choice % (choice > 250 ? DATA.length : 6)]!;
}

function metadataOf(choice: number): Uint8Array | undefined {
  return (choice & 7) < 5 ? undefined : DATA[choice & 3];
}
