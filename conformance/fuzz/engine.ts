// Runs one target for a while: makes inputs, runs them, keeps those that showed something new, and counts. It prints
// nothing and writes no file; time is the only thing it asks of the host.
import { timed } from "./clock.ts";
import { Input } from "./input.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { lawOf, type Target } from "./target.ts";

/** An input over this is run again alone; the least of three counts. */
export const SLOW_MS = 50;
/** The least share of inputs that must be accepted, or the fuzzer only bounces off the first check. */
export const MIN_ACCEPTED = 0.01;

/** A law that was broken, and by what. */
export interface Breach {
  readonly law: string;
  readonly detail: string;
  readonly input: Uint8Array;
}

/** What a run of one target came to. */
export interface Report {
  readonly target: string;
  readonly kind: Target["kind"];
  readonly inputs: number;
  readonly accepted: number;
  /** How many were refused, by the name of the fault. */
  readonly rejected: Readonly<Record<string, number>>;
  /** By processor time, which does not depend on what else the machine does. */
  readonly perSecond: number;
  readonly slowestMs: number;
  readonly slowestBytes: number;
  /** Breaches that are stored as open: how many inputs met one. */
  readonly known: number;
  /** The first new breach; it ends the run. */
  readonly breach?: Breach;
}

/** How long and from where. */
export interface RunOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Ends earlier after so many inputs. */
  readonly inputs?: number;
  /** Inputs to begin with, besides those of the target. */
  readonly seeds?: readonly Uint8Array[];
  /** Laws that are known to be broken. */
  readonly open?: ReadonlySet<string>;
  /** An input over this is slow; `SLOW_MS` by default. */
  readonly slowMs?: number;
}

/** Inputs that gave a verdict for the first time, up to a bound. */
const MAX_KEPT = 256;
/** From here on it may have been something else that took the time, so that the input is run again. */
const DOUBTFUL_MS = 1;
/** How many inputs are run between two looks at the clock for the end. */
const BATCH = 32;

/** Fuzzes one target. */
export function fuzz(target: Target, options: RunOptions): Report {
  const run = new Run(target, options);
  const cpu = process.cpuUsage();
  const endMs = performance.now() + options.seconds * 1_000;
  const most = options.inputs ?? Infinity;
  while (run.inputs < most && run.breach === undefined && performance.now() < endMs) {
    for (let one = 0; one < BATCH && run.breach === undefined; one++) run.next();
  }
  const { user, system } = process.cpuUsage(cpu);
  return run.report((user + system) / 1_000);
}

class Run {
  inputs = 0;
  breach: Breach | undefined;
  readonly #target: Target;
  readonly #open: ReadonlySet<string>;
  readonly #slowMs: number;
  readonly #random: Random;
  readonly #input = new Input();
  readonly #corpus: Uint8Array[];
  readonly #room: number;
  readonly #verdicts = new Map<string, number>();
  #known = 0;
  #slowestMs = 0;
  #slowestBytes = 0;

  constructor(target: Target, options: RunOptions) {
    this.#target = target;
    this.#open = options.open ?? new Set();
    this.#slowMs = options.slowMs ?? SLOW_MS;
    this.#random = new Random(options.seed);
    this.#corpus = [...target.seeds, ...(options.seeds ?? [])];
    if (this.#corpus.length === 0) this.#corpus.push(new Uint8Array(0));
    this.#room = this.#corpus.length + MAX_KEPT;
  }

  next(): void {
    const valid = this.#make();
    const bytes = this.#input.view();
    this.inputs++;
    const before = performance.now();
    let verdict: string;
    try {
      verdict = this.#target.run(bytes, valid);
    } catch (error) {
      return this.#broke(error, bytes.slice());
    }
    const tookMs = performance.now() - before;
    if (tookMs > this.#slowestMs) this.#slow(tookMs, bytes);
    const count = (this.#verdicts.get(verdict) ?? 0) + 1;
    this.#verdicts.set(verdict, count);
    // Rare verdicts lead to rarer ones.
    if (count <= 4 && this.#corpus.length < this.#room) this.#corpus.push(bytes.slice());
  }

  report(tookMs: number): Report {
    const accepted = [...this.#verdicts].filter(([name]) => name.startsWith("+"));
    const rejected = [...this.#verdicts].filter(([name]) => !name.startsWith("+")).toSorted(([, a], [, b]) => b - a);
    return {
      target: this.#target.name,
      kind: this.#target.kind,
      inputs: this.inputs,
      accepted: accepted.reduce((sum, [, count]) => sum + count, 0),
      rejected: Object.fromEntries(rejected),
      perSecond: tookMs > 0 ? Math.round(this.inputs / (tookMs / 1_000)) : 0,
      slowestMs: this.#slowestMs,
      slowestBytes: this.#slowestBytes,
      known: this.#known,
      ...(this.breach === undefined ? {} : { breach: this.breach }),
    };
  }

  /** A new input: from scratch, from scratch and changed, or one that is known and changed. */
  #make(): boolean {
    const random = this.#random;
    const roll = random.below(8);
    if (roll < 4) this.#input.clear().append(random.pick(this.#corpus));
    else {
      const valid = this.#target.generate(this.#input.clear(), random);
      if (roll < 6) return valid;
    }
    mutate(this.#input, random, random.pick(this.#corpus));
    return false;
  }

  #broke(error: unknown, input: Uint8Array): void {
    const law = lawOf(error);
    if (this.#open.has(law)) return void this.#known++;
    this.breach = { law, detail: error instanceof Error ? (error.stack ?? error.message) : String(error), input };
  }

  /** One time may be the collector's or the neighbour's: the least of three more counts. */
  #slow(tookMs: number, bytes: Uint8Array): void {
    const again = (): number => timed(() => this.#target.run(bytes, false));
    const ms = tookMs > DOUBTFUL_MS ? Math.min(tookMs, again(), again(), again()) : tookMs;
    if (ms <= this.#slowestMs) return;
    this.#slowestMs = ms;
    this.#slowestBytes = bytes.length;
    if (ms <= this.#slowMs) return;
    this.#broke(new SlowInput(`${ms.toFixed(0)} ms for ${bytes.length} bytes`), bytes.slice());
  }
}

class SlowInput extends Error {
  override name = "SlowInput";
}
