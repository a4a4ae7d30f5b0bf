// The figures of one agent that change by events, and waiting for a state of them without a poll or a sleep.

/** What is counted. */
export type CounterName = "openConnections" | "openStreams" | "timers" | "listeners" | "heldItems";

/** Bounds a state has to keep, by the name of the figure. */
export type Bounds = ReadonlyMap<string, number>;

interface Waiter {
  readonly holds: () => boolean;
  readonly resolve: () => void;
}

/** Counts of one process. Every change may end a wait. */
export class Counters {
  readonly #counts: Record<CounterName, number> = {
    openConnections: 0,
    openStreams: 0,
    timers: 0,
    listeners: 0,
    heldItems: 0,
  };
  readonly #waiters: Set<Waiter> = new Set();

  /** A copy of all figures. */
  get all(): Readonly<Record<CounterName, number>> {
    return { ...this.#counts };
  }

  /** True for the name of a figure. */
  has(name: string): name is CounterName {
    return Object.hasOwn(this.#counts, name);
  }

  add(name: CounterName, by: number): void {
    this.#counts[name] += by;
    for (const waiter of this.#waiters) {
      if (!waiter.holds()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Counts one until the result is called; further calls of it do nothing. */
  hold(name: CounterName): () => void {
    this.add(name, 1);
    let held = true;
    return () => {
      if (held) this.add(name, -1);
      held = false;
    };
  }

  /** Resolves at the event after which every bound holds, at once when they hold now. Rejects with the signal's reason. */
  waitFor(min: Bounds, max: Bounds, signal: AbortSignal): Promise<void> {
    const at = (name: string) => this.#counts[name as CounterName];
    const holds = () => [...min].every(([name, n]) => at(name) >= n) && [...max].every(([name, n]) => at(name) <= n);
    return new Promise((resolve, reject) => {
      if (holds()) return resolve();
      const giveUp = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter = {
        holds,
        resolve() {
          signal.removeEventListener("abort", giveUp);
          resolve();
        },
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiters.add(waiter);
    });
  }
}
