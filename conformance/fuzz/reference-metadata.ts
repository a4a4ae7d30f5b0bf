// A second reader of metadata, written from the specifications and from nothing in src: it says why bytes are none, or
// how many parts they have. RSocket extensions "Composite Metadata", "Routing", "Tracing", "Authentication".

/** True for well-formed UTF-8, by the table of the Unicode standard (3.9, table 3-7). */
export function isUtf8(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at]!;
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0 || at + length > bytes.length) return false;
    for (let one = 1; one < length; one++) if ((bytes[at + one]! & 0xc0) !== 0x80) return false;
    const second = length > 1 ? bytes[at + 1]! : 0;
    if (lead === 0xe0 && second < 0xa0) return false;
    if (lead === 0xed && second > 0x9f) return false;
    if (lead === 0xf0 && second < 0x90) return false;
    if (lead === 0xf4 && second > 0x8f) return false;
    at += length;
  }
  return true;
}

/** The offset after a label, -1 when it is cut off, -2 when its text is not ASCII. */
export function afterLabel(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return -1;
  const head = bytes[at]!;
  if (head >= 0x80) return at + 1;
  const end = at + 2 + head;
  if (end > bytes.length) return -1;
  for (let one = at + 1; one < end; one++) if (bytes[one]! >= 0x80) return -2;
  return end;
}

function labelFault(after: number): string {
  return after === -1 ? "truncated" : "not-ascii";
}

/** The number of labels in a row, or a fault. */
export function labels(bytes: Uint8Array): number | string {
  let count = 0;
  for (let at = 0; at < bytes.length; count++) {
    at = afterLabel(bytes, at);
    if (at < 0) return labelFault(at);
  }
  return count;
}

/** Where the contents of composite entries begin and end, two numbers each, or a fault. */
export function entries(bytes: Uint8Array): number[] | string {
  const found: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const after = afterLabel(bytes, at);
    if (after < 0) return labelFault(after);
    if (after + 3 > bytes.length) return "truncated";
    const from = after + 3;
    at = from + bytes[after]! * 65_536 + bytes[after + 1]! * 256 + bytes[after + 2]!;
    if (at > bytes.length) return "truncated";
    found.push(from, at);
  }
  return found;
}

/** How many tags, or a fault. */
export function tags(bytes: Uint8Array): number | string {
  let count = 0;
  for (let at = 0; at < bytes.length; count++) {
    const end = at + 1 + bytes[at]!;
    if (end > bytes.length) return "truncated";
    if (!isUtf8(bytes.subarray(at + 1, end))) return "not-utf8";
    at = end;
  }
  return count;
}

/** "" for tracing metadata of the right length, else a fault. */
export function tracingFault(bytes: Uint8Array): string {
  if (bytes.length === 0) return "truncated";
  const flags = bytes[0]!;
  let length = 1;
  if (flags >= 0x80) length += ((flags & 8) === 0 ? 16 : 24) + ((flags & 4) === 0 ? 0 : 8);
  return bytes.length === length ? "" : bytes.length < length ? "truncated" : "trailing-bytes";
}

/** "" for authentication metadata, else a fault. */
export function authenticationFault(bytes: Uint8Array): string {
  const after = afterLabel(bytes, 0);
  if (after < 0) return labelFault(after);
  if (bytes[0] === 0x81) return isUtf8(bytes.subarray(1)) ? "" : "not-utf8";
  if (bytes[0] !== 0x80) return "";
  if (bytes.length < 3) return "truncated";
  const end = 3 + bytes[1]! * 256 + bytes[2]!;
  if (end > bytes.length) return "truncated";
  return isUtf8(bytes.subarray(3, end)) && isUtf8(bytes.subarray(end)) ? "" : "not-utf8";
}
