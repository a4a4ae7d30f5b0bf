// A second reader of frames, written from the specification and from nothing in src: where the parts of one lie, or why
// it is none. It decodes no values. RSocket 1.0, "Framing Format".

/** Where metadata and data lie. `metadataAt` is -1 when there is none; `fault` is "" when the frame is well formed. */
export interface Layout {
  fault: string;
  metadataAt: number;
  metadataEnd: number;
  dataAt: number;
}

/** Bytes between the header and what follows, for types whose fixed part is all that is asked. */
const FIXED: ReadonlyMap<number, number> = new Map([[0x02, 8], [0x03, 8], [0x08, 4], [0x09, 0], [0x0b, 4], [0x0e, 8]]);
/** Bytes between the header and the payload. */
const BEFORE_PAYLOAD: ReadonlyMap<number, number> = new Map([
  [0x04, 0],
  [0x05, 0],
  [0x06, 4],
  [0x07, 4],
  [0x0a, 0],
  [0x3f, 4],
]);

const layout: Layout = { fault: "", metadataAt: -1, metadataEnd: 0, dataAt: 0 };

/** Reads one frame. The answer is the same object each time. */
export function layoutOf(bytes: Uint8Array): Layout {
  layout.metadataAt = -1;
  layout.metadataEnd = 0;
  layout.dataAt = bytes.length;
  layout.fault = bytes.length < 6 ? "truncated" : body(bytes, bytes[4]! >> 2);
  return layout;
}

function body(bytes: Uint8Array, type: number): string {
  const before = BEFORE_PAYLOAD.get(type);
  if (before !== undefined) return bytes.length < 6 + before ? "truncated" : payload(bytes, 6 + before);
  if (type === 0x01) {
    const at = afterTexts(bytes);
    return at < 0 ? "truncated" : payload(bytes, at);
  }
  if (type === 0x0c) return rest(bytes, 6, true);
  if (type === 0x0d) return afterToken(bytes, 10) < 0 || afterToken(bytes, 10) + 16 > bytes.length ? "truncated" : "";
  const fixed = FIXED.get(type);
  if (fixed === undefined) return "unknown-type";
  if (bytes.length < 6 + fixed) return "truncated";
  if (type === 0x02) return hasMetadata(bytes) ? rest(bytes, 14, true) : "";
  return type === 0x03 || type === 0x0b ? rest(bytes, 6 + fixed, false) : "";
}

function hasMetadata(bytes: Uint8Array): boolean {
  return (bytes[4]! & 1) === 1;
}

/** Metadata with its length, when the M flag is set, and data. */
function payload(bytes: Uint8Array, at: number): string {
  layout.dataAt = at;
  if (!hasMetadata(bytes)) return "";
  if (at + 3 > bytes.length) return "metadata-length";
  const end = at + 3 + bytes[at]! * 65_536 + bytes[at + 1]! * 256 + bytes[at + 2]!;
  if (end > bytes.length) return "metadata-length";
  layout.metadataAt = at + 3;
  layout.metadataEnd = layout.dataAt = end;
  return "";
}

/** Everything from `at` on is metadata, or data. */
function rest(bytes: Uint8Array, at: number, isMetadata: boolean): string {
  if (isMetadata) {
    layout.metadataAt = at;
    layout.metadataEnd = bytes.length;
  } else layout.dataAt = at;
  return "";
}

/** The offset after a 16-bit length and so many bytes, or -1. */
function afterToken(bytes: Uint8Array, at: number): number {
  if (at + 2 > bytes.length) return -1;
  const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!;
  return end > bytes.length ? -1 : end;
}

/** SETUP: versions and times, the token if R is set, two texts. The offset after them, or -1. */
function afterTexts(bytes: Uint8Array): number {
  let at = 18;
  if (bytes.length < at) return -1;
  if ((bytes[5]! & 0x80) !== 0) at = afterToken(bytes, at);
  for (let text = 0; text < 2 && at >= 0; text++) {
    at = at < bytes.length ? at + 1 + bytes[at]! : -1;
    if (at > bytes.length) return -1;
  }
  return at;
}
