/**
 * The clients of a server that wait to be accepted: how many there are, in all and from each address. It only counts.
 *
 * @module
 */
import type { Limits } from "../contract/limits.ts";

/** Counts who waits. */
export class Pending {
  readonly #limits: Pick<Limits, "maxPendingSetups" | "maxPendingSetupsPerAddress">;
  readonly #byAddress = new Map<string, number>();
  #size = 0;

  constructor(limits: Pick<Limits, "maxPendingSetups" | "maxPendingSetupsPerAddress">) {
    this.#limits = limits;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Addresses that are remembered. */
  get addresses(): number {
    return this.#byAddress.size;
  }

  /**
   * Takes a place for a client at `remote` ("host:port"; absent where the transport knows none). The result gives it
   * back, once; undefined: there is none left.
   */
  enter(remote: string | undefined): (() => void) | undefined {
    const address = addressOf(remote);
    const there = address === undefined ? 0 : this.#byAddress.get(address) ?? 0;
    if (this.#size >= this.#limits.maxPendingSetups || there >= this.#limits.maxPendingSetupsPerAddress) {
      return undefined;
    }
    this.#size++;
    if (address !== undefined) this.#byAddress.set(address, there + 1);
    let waits = true;
    return () => {
      if (!waits) return;
      waits = false;
      this.#leave(address);
    };
  }

  #leave(address: string | undefined): void {
    this.#size--;
    if (address === undefined) return;
    const left = this.#byAddress.get(address)! - 1; // it entered
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}

/** The address without its port. */
function addressOf(remote: string | undefined): string | undefined {
  return remote?.replace(/:\d+$/, "");
}
