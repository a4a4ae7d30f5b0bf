// Frames of every type with every flag and every presence of metadata, for property tests. Each of them is valid to
// encode; whether a peer may send it then is not its matter.
import fc from "fast-check";
import { type Frame, type FrameType, MAX_31_BIT } from "../../src/rsocket/frame.ts";

const integer = (most: number) => fc.oneof(fc.constantFrom(0, 1, most), fc.integer({ min: 0, max: most }));
const streamId = integer(MAX_31_BIT);
const word = integer(MAX_31_BIT);
const bytes = fc.uint8Array({ maxLength: 40 });
const flag = fc.boolean();
const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 255 });
const position = fc.oneof(
  fc.constantFrom(0n, (1n << 53n) - 1n, 1n << 53n, (1n << 63n) - 1n),
  fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
);

/** A frame whose `optional` members are each there or not. I is only ever absent or true, but on EXT always there. */
function frame(
  type: FrameType,
  members: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<Frame> {
  const required = { type: fc.constant(type), streamId, ...members };
  const ignore = type === "EXT" ? {} : { ignore: fc.constant(true) };
  return fc.record({ ...required, ...ignore, ...optional }, {
    requiredKeys: Object.keys(required) as never[],
    noNullPrototype: true,
  }) as unknown as fc.Arbitrary<Frame>;
}

const metadata = { metadata: bytes };
const payload = { follows: flag, data: bytes };

/** One arbitrary for each frame type. */
export const arbitraryFrames: { readonly [T in FrameType]: fc.Arbitrary<Frame> } = {
  SETUP: frame("SETUP", {
    major: integer(0xffff),
    minor: integer(0xffff),
    keepaliveMs: word,
    lifetimeMs: word,
    lease: flag,
    metadataMimeType: ascii,
    dataMimeType: ascii,
    data: bytes,
  }, { ...metadata, resumeToken: bytes }),
  LEASE: frame("LEASE", { ttlMs: word, requests: word }, metadata),
  KEEPALIVE: frame("KEEPALIVE", { respond: flag, position, data: bytes }),
  REQUEST_RESPONSE: frame("REQUEST_RESPONSE", payload, metadata),
  REQUEST_FNF: frame("REQUEST_FNF", payload, metadata),
  REQUEST_STREAM: frame("REQUEST_STREAM", { ...payload, requestN: word }, metadata),
  REQUEST_CHANNEL: frame("REQUEST_CHANNEL", { ...payload, complete: flag, requestN: word }, metadata),
  REQUEST_N: frame("REQUEST_N", { requestN: word }),
  CANCEL: frame("CANCEL", {}),
  PAYLOAD: frame("PAYLOAD", { ...payload, complete: flag, next: flag }, metadata),
  ERROR: frame("ERROR", { code: integer(0xffff_ffff), data: bytes }),
  METADATA_PUSH: frame("METADATA_PUSH", { metadata: bytes }),
  RESUME: frame("RESUME", {
    major: integer(0xffff),
    minor: integer(0xffff),
    resumeToken: bytes,
    lastServerPosition: position,
    firstClientPosition: position,
  }),
  RESUME_OK: frame("RESUME_OK", { position }),
  EXT: frame("EXT", { ignore: flag, extendedType: word, data: bytes }, metadata),
};

/** Any of them. */
export const arbitraryFrame: fc.Arbitrary<Frame> = fc.oneof(...Object.values(arbitraryFrames));
