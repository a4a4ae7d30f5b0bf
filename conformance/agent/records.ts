// What a responder saw of each case, kept for whoever asks with a report. Never holds payloads, only short texts of them.

/** What happened to the requests of one case. It is what `report` answers. */
export interface CaseRecord {
  /** The kinds of request that came, in order. */
  readonly kinds: string[];
  /** Texts of the first items that came from the requester. */
  readonly received: string[];
  items: number;
  /** Items of streams and channels that the handler gave to the library. */
  sent: number;
  /** The requester cancelled, or was lost. */
  cancelled: boolean;
  /** The requester's side of a channel ended. */
  completed: boolean;
  /** The requester's side of a channel failed: the error's code. */
  error?: string;
  /** Every request of the case has ended on this side. */
  ended: boolean;
}

const mostRecords = 1000;
const mostItems = 1000;
const mostChars = 100;

interface Entry {
  readonly record: CaseRecord;
  readonly waiting: Set<() => void>;
  open: number;
}

/** The records of one agent, the oldest dropped when there are too many. */
export class Records {
  readonly #entries: Map<string, Entry> = new Map();

  /** A request of this case began. The result is called when it ended. */
  begin(name: string, kind: string): { readonly record: CaseRecord; readonly end: () => void } {
    const entry = this.#entry(name);
    entry.record.kinds.push(kind);
    entry.record.ended = false;
    entry.open++;
    const end = () => {
      if (--entry.open > 0) return;
      entry.record.ended = true;
      for (const resolve of entry.waiting) resolve();
      entry.waiting.clear();
    };
    return { record: entry.record, end };
  }

  /** The record of a case, an empty one when nothing came. */
  get(name: string): CaseRecord {
    return this.#entry(name).record;
  }

  /** Resolves when the case has begun and ended. Rejects with the signal's reason. */
  async ended(name: string, signal: AbortSignal): Promise<CaseRecord> {
    const { record, waiting } = this.#entry(name);
    if (record.ended) return record;
    await new Promise<void>((resolve, reject) => {
      waiting.add(resolve);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return record;
  }

  #entry(name: string): Entry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const record = { kinds: [], received: [], items: 0, sent: 0, cancelled: false, completed: false, ended: false };
    const entry = { record, waiting: new Set<() => void>(), open: 0 };
    this.#entries.set(name, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > mostRecords && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }
}

/** Keeps what one item was. */
export function recordItem(record: CaseRecord, data: Uint8Array): void {
  record.items++;
  if (record.received.length < mostItems) record.received.push(new TextDecoder().decode(data.subarray(0, mostChars)));
}
