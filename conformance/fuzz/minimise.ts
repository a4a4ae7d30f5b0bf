// Makes a failing input smaller while it breaks the same law. It gives up after a number of runs, never by the clock.
import { lawOf, type Target } from "./target.ts";

const MAX_RUNS = 4_000;

/** The smallest input found that breaks `law` as this one does. */
export function minimise(target: Target, input: Uint8Array, law: string): Uint8Array {
  let runs = 0;
  const breaks = (bytes: Uint8Array): boolean => {
    if (++runs > MAX_RUNS) return false;
    try {
      // A smaller input is no longer known to be valid, so only laws about any input keep it.
      target.run(bytes, false);
      return false;
    } catch (error) {
      return lawOf(error) === law;
    }
  };
  if (!breaks(input)) return input;
  let smallest = input;
  if (target.pieces !== undefined) smallest = join(without(target.pieces(input), (all) => breaks(join(all))));
  const bytes = without([...smallest].map((byte) => Uint8Array.of(byte)), (all) => breaks(join(all)));
  return zeroed(join(bytes), breaks);
}

/** Leaves out runs of pieces, long ones first, as long as the rest still breaks. */
function without(
  pieces: readonly Uint8Array[],
  breaks: (pieces: readonly Uint8Array[]) => boolean,
): readonly Uint8Array[] {
  let left = pieces;
  for (let width = left.length >>> 1; width >= 1; width >>>= 1) {
    for (let at = 0; at < left.length;) {
      const fewer = [...left.slice(0, at), ...left.slice(at + width)];
      if (fewer.length < left.length && breaks(fewer)) left = fewer;
      else at += width;
    }
  }
  return left;
}

/** Sets bytes to 0 where that changes nothing, so that what matters stands out. */
function zeroed(input: Uint8Array, breaks: (bytes: Uint8Array) => boolean): Uint8Array {
  const bytes = input.slice();
  for (let at = 0; at < bytes.length; at++) {
    const before = bytes[at]!;
    bytes[at] = 0;
    if (before !== 0 && !breaks(bytes)) bytes[at] = before;
  }
  return bytes;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
