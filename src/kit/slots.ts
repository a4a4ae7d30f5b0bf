/**
 * Live streams by id: a ring of slots for the common case of ids that grow by two, a Map for ids that collide.
 * A peer that chooses ids to collide costs itself a Map look-up, never memory.
 *
 * @module
 */

/** Anything with a numeric id. */
export interface Numbered {
  readonly id: number;
}

/** A table of live entries keyed by id. All operations are O(1). */
export class Slots<T extends Numbered> {
  #ring: (T | undefined)[] = [];
  #rest: Map<number, T> | undefined;
  #size = 0;

  /** How many entries are live. */
  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    const entry = this.#ring[(id >>> 1) & (this.#ring.length - 1)];
    return entry !== undefined && entry.id === id ? entry : this.#rest?.get(id);
  }

  /** Adds an entry whose id is not in the table. */
  add(entry: T): void {
    this.#size++;
    if (this.#size * 2 > this.#ring.length) this.#grow();
    this.#place(entry);
  }

  /** Removes an entry that is in the table. */
  remove(entry: T): void {
    this.#size--;
    const slot = (entry.id >>> 1) & (this.#ring.length - 1);
    if (this.#ring[slot] === entry) this.#ring[slot] = undefined;
    else this.#rest?.delete(entry.id);
  }

  /** All entries, in no order. */
  values(): T[] {
    const live = this.#ring.filter((entry) => entry !== undefined);
    return this.#rest === undefined ? live : [...live, ...this.#rest.values()];
  }

  #place(entry: T): void {
    const slot = (entry.id >>> 1) & (this.#ring.length - 1);
    if (this.#ring[slot] === undefined) this.#ring[slot] = entry;
    else (this.#rest ??= new Map()).set(entry.id, entry);
  }

  #grow(): void {
    const live = this.values();
    this.#ring = new Array<T | undefined>(Math.max(4, this.#ring.length * 2)).fill(undefined);
    this.#rest = undefined;
    for (const entry of live) this.#place(entry);
  }
}
