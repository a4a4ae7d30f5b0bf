// The metadata decoders as targets: held against the reference reader and against their encoders.
import { type Fault, isFault } from "../../src/bytes/fault.ts";
import { decodeAuthentication, encodeAuthentication } from "../../src/rsocket/metadata/authentication.ts";
import {
  compositeEntries,
  decodeComposite,
  encodeComposite,
  findInComposite,
} from "../../src/rsocket/metadata/composite.ts";
import { readLabel, readMimeType } from "../../src/rsocket/metadata/label.ts";
import {
  decodeAcceptMimeTypes,
  decodeMimeType,
  encodeAcceptMimeTypes,
  encodeMimeType,
} from "../../src/rsocket/metadata/mime-type.ts";
import { decodeRouting, encodeRouting } from "../../src/rsocket/metadata/routing.ts";
import { decodeTracing, encodeTracing } from "../../src/rsocket/metadata/tracing.ts";
import * as make from "./generate-metadata.ts";
import type { Input } from "./input.ts";
import type { Random } from "./random.ts";
import * as reference from "./reference-metadata.ts";
import { metadataSeeds } from "./seeds.ts";
import { hold, isViewOf, sameBytes, type Target } from "./target.ts";

/** What one decoder owes: its fault by the reference ("" for none), and laws of what it gave. */
interface Codec<T> {
  readonly name: string;
  readonly covers: readonly { readonly name: string }[];
  readonly seeds: readonly Uint8Array[];
  readonly generate: (input: Input, random: Random) => void;
  readonly decode: (bytes: Uint8Array) => T | Fault;
  readonly encode: (value: T) => Uint8Array;
  readonly fault: (bytes: Uint8Array) => string;
  readonly check?: (value: T, bytes: Uint8Array) => void;
  /** True when a value has only one form on the wire. */
  readonly exact: boolean;
}

function targetOf<T>(codec: Codec<T>): Target {
  return {
    name: codec.name,
    about: `${codec.covers[0]?.name}: as the reference reader, and what it gives encodes and decodes to the same`,
    kind: "stateless",
    covers: codec.covers,
    seeds: codec.seeds,
    generate(input, random) {
      codec.generate(input, random);
      return true;
    },
    run(bytes, valid) {
      const expected = codec.fault(bytes);
      const value = codec.decode(bytes);
      if (isFault(value)) {
        hold(!valid, "refused valid metadata", () => value.fault);
        hold(value.fault === expected, "another fault than the reference", () => `${value.fault}, not ${expected}`);
        hold(value.at >= 0 && value.at <= bytes.length, "the fault lies outside", () => String(value.at));
        return value.fault;
      }
      hold(expected === "", "accepted what the reference refuses", () => expected);
      codec.check?.(value, bytes);
      // A half of them, chosen by the bytes, because encoding costs more than all the rest.
      if ((bytes.length & 1) !== 0) return "+metadata";
      const encoded = codec.encode(value);
      if (codec.exact) hold(sameBytes(encoded, bytes), "what was decoded encodes to other bytes");
      else checkAgain(codec, encoded);
      return "+metadata";
    },
  };
}

function checkAgain<T>(codec: Codec<T>, encoded: Uint8Array): void {
  const again = codec.decode(encoded);
  hold(!isFault(again), "what was decoded cannot be decoded again");
  hold(sameBytes(codec.encode(again as T), encoded), "what was decoded encodes differently the second time");
}

function faultOf(read: unknown): string {
  return typeof read === "string" ? read : "";
}

/** decodeComposite, entry by entry and by name too. */
export function compositeTarget(decode: typeof decodeComposite = decodeComposite): Target {
  return targetOf({
    name: "composite",
    covers: [decodeComposite, compositeEntries, findInComposite, readMimeType],
    seeds: metadataSeeds("COMPOSITE"),
    generate: make.composite,
    decode,
    encode: encodeComposite,
    fault: (bytes) => faultOf(reference.entries(bytes)),
    exact: false,
    check(value, bytes) {
      const found = reference.entries(bytes) as number[];
      hold(value.length * 2 === found.length, "another number of entries");
      value.forEach(({ content }, index) => {
        hold(isViewOf(content, bytes, found[index * 2]!, found[index * 2 + 1]!), "an entry lies elsewhere");
      });
      const [first] = value;
      if (first === undefined) return;
      const same = findInComposite(bytes, first.mimeType);
      hold(same instanceof Uint8Array && same.length === first.content.length, "an entry is not found by its type");
    },
  });
}

/** decodeRouting. */
export function routingTarget(): Target {
  return targetOf({
    name: "routing",
    covers: [decodeRouting],
    seeds: metadataSeeds("ROUTING"),
    generate: make.routing,
    decode: decodeRouting,
    encode: encodeRouting,
    fault: (bytes) => faultOf(reference.tags(bytes)),
    exact: true,
    check: (value, bytes) => hold(value.length === reference.tags(bytes), "another number of tags"),
  });
}

/** decodeAuthentication. */
export function authenticationTarget(): Target {
  return targetOf({
    name: "authentication",
    covers: [decodeAuthentication, readLabel],
    seeds: metadataSeeds("AUTH_SIMPLE", "AUTH_BEARER", "AUTH_CUSTOM"),
    generate: make.authentication,
    decode: decodeAuthentication,
    encode: encodeAuthentication,
    fault: reference.authenticationFault,
    exact: true,
  });
}

/** decodeTracing. Flags that mean nothing are not kept, so its form is not the only one. */
export function tracingTarget(): Target {
  return targetOf({
    name: "tracing",
    covers: [decodeTracing],
    seeds: metadataSeeds("ZIPKIN"),
    generate: make.tracing,
    decode: decodeTracing,
    encode: encodeTracing,
    fault: reference.tracingFault,
    exact: false,
  });
}

/** decodeMimeType. */
export function mimeTypeTarget(): Target {
  return targetOf({
    name: "mime-type",
    covers: [decodeMimeType],
    seeds: metadataSeeds("MIME_TYPE"),
    generate: make.label,
    decode: decodeMimeType,
    encode: encodeMimeType,
    fault(bytes) {
      const after = reference.afterLabel(bytes, 0);
      if (after < 0) return after === -1 ? "truncated" : "not-ascii";
      return after === bytes.length ? "" : "trailing-bytes";
    },
    exact: false,
  });
}

/** decodeAcceptMimeTypes. */
export function acceptMimeTypesTarget(): Target {
  return targetOf({
    name: "accept-mime-types",
    covers: [decodeAcceptMimeTypes],
    seeds: metadataSeeds("ACCEPT_MIMES"),
    generate: make.labelList,
    decode: decodeAcceptMimeTypes,
    encode: encodeAcceptMimeTypes,
    fault: (bytes) => faultOf(reference.labels(bytes)),
    exact: false,
    check: (value, bytes) => hold(value.length === reference.labels(bytes), "another number of types"),
  });
}
