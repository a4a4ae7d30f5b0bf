// UTF-8, hexadecimal and the command line's JSON as targets. What they refuse must be a UsageError, and nothing else.
import { isFault } from "../../src/bytes/fault.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { utf8Decode, utf8DecodeStrict, utf8Encode } from "../../src/bytes/utf8.ts";
import { exactInteger, exactJson, parseExactJson } from "../../src/cli/exact-json.ts";
import { frameFromJson, frameToJson } from "../../src/cli/frame-json.ts";
import { hexOf, parseHexLine, parseHexText } from "../../src/cli/hex-line.ts";
import { metadataFromJson, type MetadataKind, metadataToJson } from "../../src/cli/metadata-json.ts";
import { UsageError } from "../../src/contract/errors.ts";
import { decodeFrame } from "../../src/rsocket/decode.ts";
import { encodeFrame } from "../../src/rsocket/encode.ts";
import { text } from "./generate-metadata.ts";
import { frameJson, hexLine, json, metadataJson } from "./generate-text.ts";
import { isUtf8 } from "./reference-metadata.ts";
import { frameSeeds } from "./seeds.ts";
import { hold, sameBytes, type Target } from "./target.ts";

const ascii = (line: string): Uint8Array => utf8Encode(line);

/** What `parse` gives, or undefined when it refuses as it may. */
function orRefused<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** utf8DecodeStrict and utf8Decode. */
export function utf8Target(decode: typeof utf8DecodeStrict = utf8DecodeStrict): Target {
  return {
    name: "utf8",
    about: "utf8DecodeStrict: accepts what Unicode calls well formed, and encodes to the same bytes",
    kind: "stateless",
    covers: [utf8DecodeStrict, utf8Decode],
    seeds: [ascii("plain"), new Uint8Array([0xef, 0xbb, 0xbf, 0xe2, 0x89, 0x92, 0xf0, 0x9f, 0x8c, 0x8a])],
    generate(input, random) {
      text(input, random, 200);
      return true;
    },
    run(bytes, valid) {
      const strict = decode(bytes);
      hold((strict !== undefined) === isUtf8(bytes), "another verdict than the reference");
      if (strict !== undefined) hold(sameBytes(utf8Encode(strict), bytes), "the text encodes to other bytes");
      hold(strict === undefined ? !valid : utf8Decode(bytes) === strict, "strict and lenient differ");
      return strict === undefined ? "not-utf8" : "+text";
    },
  };
}

/** parseHexLine, parseHexText and fromHex. */
export function hexTarget(): Target {
  return {
    name: "hex-line",
    about: "parseHexLine, parseHexText, fromHex: the digits and nothing else",
    kind: "stateless",
    covers: [parseHexLine, parseHexText, fromHex],
    seeds: [ascii("000000012400"), ascii("00 00\t0001 2400"), ascii("xyz")],
    generate(input, random) {
      hexLine(input, random);
      return true;
    },
    run(bytes, valid) {
      const parsed = orRefused(() => parseHexLine(bytes));
      const line = String.fromCharCode(...bytes.subarray(0, 4_096));
      if (bytes.length <= 4_096) {
        hold((parsed !== undefined) === /^([ \t]*[0-9a-fA-F]{2})*[ \t]*$/.test(line), "another verdict than a pattern");
        const exact = orRefused(() => parseHexText("text", line));
        const kit = fromHex(line);
        hold((exact === undefined) === (kit === undefined), "two readers of digits differ");
        if (exact !== undefined) hold(sameBytes(exact, kit!), "two readers of digits give other bytes");
      }
      hold(!valid || parsed !== undefined, "refused a valid line");
      if (parsed === undefined) return "not-hexadecimal";
      const shown = hexOf(parsed);
      hold(shown === toHex(parsed) && sameBytes(parseHexLine(ascii(shown)), parsed), "the bytes write otherwise");
      return "+bytes";
    },
  };
}

/** parseExactJson against JSON.parse, which only rounds. */
export function exactJsonTarget(): Target {
  return {
    name: "exact-json",
    about: "parseExactJson, exactInteger: accepts what JSON.parse accepts, with the same values, and exact integers",
    kind: "stateless",
    covers: [parseExactJson, exactInteger],
    seeds: [ascii('{"position":9223372036854775807}'), ascii('["\\\\",12345678901234567890]'), ascii("[1.5e3]")],
    generate(input, random) {
      json(input, random);
      return true;
    },
    run(bytes, valid) {
      const line = utf8Decode(bytes);
      const parsed = orRefused(() => ({ value: parseExactJson(line) }));
      const plain = rounded(line);
      if (parsed === undefined) {
        hold(!valid && (plain === undefined || bytes.length > 65_536), "refused valid JSON");
        return "not-json";
      }
      hold(plain !== undefined, "accepted what JSON.parse refuses");
      hold(isRounded(parsed.value, plain!.value), "another value than JSON.parse");
      return "+json";
    },
  };
}

function rounded(line: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(line) as unknown };
  } catch {
    return undefined;
  }
}

/** True when `plain` is `exact` with its long integers rounded. */
function isRounded(exact: unknown, plain: unknown): boolean {
  if (typeof plain === "number" && typeof exact === "object") {
    const integer = exactInteger(exact);
    return integer !== undefined && Number(integer) === plain;
  }
  if (typeof exact !== "object" || exact === null) return Object.is(exact, plain);
  if (typeof plain !== "object" || plain === null || Array.isArray(exact) !== Array.isArray(plain)) return false;
  const [names, others] = [Object.keys(exact), Object.keys(plain)];
  return names.length === others.length && names.every((name, at) => {
    return name === others[at] && isRounded(Reflect.get(exact, name), Reflect.get(plain, name));
  });
}

/** frameFromJson and frameToJson, by way of the codec. */
export function frameJsonTarget(): Target {
  return {
    name: "frame-json",
    about: "frameFromJson, frameToJson: a frame that can be encoded is shown as it was given",
    kind: "stateless",
    covers: [frameFromJson, frameToJson],
    seeds: frameSeeds().slice(0, 40).map((seed) => {
      const frame = decodeFrame(seed);
      return ascii(isFault(frame) ? "{}" : exactJson({ ...frameToJson(frame) }));
    }),
    generate(input, random) {
      frameJson(input, random);
      return false; // MIME types that are no UTF-8 may have grown too long
    },
    run(bytes) {
      const encoded = orRefused(() => encodeFrame(frameFromJson(parseExactJson(utf8Decode(bytes)))));
      if (encoded === undefined) return "refused";
      const frame = decodeFrame(encoded);
      hold(!isFault(frame), "encodes to what cannot be decoded");
      if (isFault(frame)) return "unreachable";
      const shown = exactJson({ ...frameToJson(frame) });
      const again = encodeFrame(frameFromJson(parseExactJson(shown)));
      hold(sameBytes(again, encoded), "is shown otherwise than it was given", () => shown.slice(0, 200));
      return `+${frame.type}`;
    },
  };
}

const kindOf: Readonly<Record<string, MetadataKind>> = {
  ROUTING: "ROUTING",
  AUTH_SIMPLE: "AUTH",
  AUTH_BEARER: "AUTH",
  AUTH_CUSTOM: "AUTH",
  MIME_TYPE: "MIME_TYPE",
  ACCEPT_MIMES: "ACCEPT_MIMES",
  COMPOSITE: "COMPOSITE",
  ZIPKIN: "ZIPKIN",
};

/** metadataFromJson and metadataToJson. */
export function metadataJsonTarget(): Target {
  return {
    name: "metadata-json",
    about: "metadataFromJson, metadataToJson: metadata that can be encoded is shown as it was given",
    kind: "stateless",
    covers: [metadataFromJson, metadataToJson],
    seeds: [ascii('{"type":"ROUTING","fields":{"tags":["a"]}}'), ascii('{"type":"ZIPKIN","fields":{"flag":"DEBUG"}}')],
    generate(input, random) {
      metadataJson(input, random);
      return false;
    },
    run(bytes) {
      const value = orRefused(() => parseExactJson(utf8Decode(bytes))) as { type: string } | undefined;
      const encoded = orRefused(() => metadataFromJson(value));
      if (value === undefined || encoded === undefined) return "refused";
      const shown = metadataToJson(kindOf[value.type]!, encoded);
      hold(!isFault(shown), "encodes to what cannot be decoded");
      if (isFault(shown)) return "unreachable";
      const again = metadataFromJson(parseExactJson(exactJson({ ...shown })));
      hold(sameBytes(again, encoded), "is shown otherwise than it was given");
      return `+${value.type}`;
    },
  };
}
