// The payloads of the seeded scenario: what a request asks for, and items whose every byte follows from their name and
// number. It sends nothing.

/** What a request asks its responder to do, written into its data. */
export interface Order {
  readonly name: string;
  /** Items to answer with. */
  readonly count: number;
  /** Bytes of each. */
  readonly size: number;
  /** The responder waits this long before each item. */
  readonly pauseMs: number;
  /** The responder fails before the item with this number. -1 = it does not. */
  readonly failAt: number;
}

/** The data of a request: the order, then filling up to `bytes`. */
export function orderText({ name, count, size, pauseMs, failAt }: Order, bytes: number): string {
  const text = [name, count, size, pauseMs, failAt, ""].join(" ");
  return text.padEnd(bytes, ".");
}

/** The order in the data of a request. */
export function orderIn(data: Uint8Array): Order {
  const [name = "", count, size, pauseMs, failAt, filling = ""] = new TextDecoder().decode(data).split(" ");
  if (!/^\.*$/.test(filling)) throw new Error(`The request of ${name} did not come as it was sent`);
  return { name, count: Number(count), size: Number(size), pauseMs: Number(pauseMs), failAt: Number(failAt) };
}

/** Item number `n` of a name. */
export function itemBytes(name: string, n: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = (n + 1) * 0x9e37;
  for (let at = 0; at < name.length; at++) state = Math.imul(state ^ name.charCodeAt(at), 0x0100_0193) >>> 0;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Throws when these are not the bytes of that item. */
export function checkItem(bytes: Uint8Array, name: string, n: number, size: number): void {
  const expected = itemBytes(name, n, size);
  const wrong = bytes.length === size ? expected.findIndex((byte, at) => byte !== bytes[at]) : 0;
  if (wrong >= 0) throw new Error(`Item ${n} of ${name} is wrong at ${wrong} of ${bytes.length}, not ${size}, bytes`);
}
