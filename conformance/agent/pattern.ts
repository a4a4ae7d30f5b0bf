// Bytes that can be made and checked anywhere without sending them over the control channel. Never random.

/** Every byte depends on its place, so that a lost, doubled or moved piece shows. */
export function fillPattern(into: Uint8Array, seed: number): Uint8Array {
  for (let at = 0; at < into.length; at++) into[at] = byteAt(at, seed);
  return into;
}

/** The first place that differs from the pattern, or -1. */
export function patternMismatch(bytes: Uint8Array, seed: number): number {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== byteAt(at, seed)) return at;
  }
  return -1;
}

function byteAt(at: number, seed: number): number {
  return (at ^ ((at >>> 8) * 167) ^ ((at >>> 16) * 13)) + seed & 0xff;
}
