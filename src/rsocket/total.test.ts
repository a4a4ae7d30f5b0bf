// Whatever a peer sends, nothing throws, the machine stays in order, and a closed machine stays closed.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { arbitraryFrame } from "../../conformance/vectors/arbitrary-frame.ts";
import { bytesOf, setup } from "../../conformance/transcript/frames.ts";
import { Player, type PlayerOptions, type Reaction } from "../../conformance/transcript/player.ts";
import { accepting } from "../../conformance/transcript/roles.ts";
import { vectorsOf } from "../../conformance/vectors/rsocket.ts";
import { fromHex } from "../bytes/hex.ts";
import { encodeFrame } from "./encode.ts";

/** An application that answers all it can from inside every event, right or wrong for the state. */
const busy: Reaction = (event, machine) => {
  if (event.type === "setup") machine.accept();
  if (!("id" in event)) return;
  const { id } = event;
  machine.attach(id, "x");
  if (event.type === "request" && event.n > 0) {
    machine.payload(id, bytesOf("item"), undefined, false);
    machine.requestN(id, 1);
  }
  if (event.type === "request" && event.interaction === "response" && id % 4 === 1) {
    machine.payload(id, bytesOf("a"), undefined, true);
  }
  if (event.type === "payload") machine.requestN(id, 1);
  if (event.type === "requestN") machine.complete(id);
  if (event.type === "cancel") machine.fail(id, 0x301, "gone");
};

const kinds: readonly (readonly [string, PlayerOptions])[] = [
  ["a server", { react: busy }],
  ["a client", { role: "client", react: busy }],
  ["a server on messages", { react: busy, framing: "message" }],
  ["a server with lanes and small limits", {
    react: busy,
    mapping: "stream-per-request",
    fragmentBytes: 64,
    limits: {
      maxPayloadBytes: 100,
      maxReassemblyBytes: 150,
      maxFragmentsPerPayload: 4,
      maxConcurrentStreams: 3,
      maxFrameBytes: 300,
    },
  }],
];

/** Begins a machine with live streams of every kind, so that what follows can hit them. */
function begun(options: PlayerOptions, seed: number): Player {
  const player = new Player({ ...options, seed });
  if (options.role !== "client") player.gets(setup());
  return player.does((m) => {
    m.requestResponse(bytesOf("q"), undefined, "a");
    m.requestStream(bytesOf("q"), undefined, 3, "b");
    m.requestChannel(bytesOf("q"), undefined, 2, false, "c");
  });
}

function lawful(player: Player): void {
  const { machine, lines } = player;
  expect(player.ownedIntact()).toBe(true);
  expect(lines.slice(0, -1).some((line) => line.startsWith("close"))).toBe(false);
  expect(player.closed).toBe(machine.state === "closed");
  expect(lines.every((line) => !line.includes("MALFORMED"))).toBe(true);
  if (player.closed) expect(machine.liveStreams).toBe(0);
  for (const lane of new Set(player.sent.map((one) => one.lane))) {
    const steps = player.sent.filter((one) => one.lane === lane).map((one) => one.type);
    expect(steps.slice(0, -1)).not.toContain("end");
  }
  player.at(1e6);
  player.ends();
  expect(machine.liveStreams).toBe(0);
}

/** What comes after `begun`: chunks for lanes. */
type Input = readonly (readonly [lane: number, bytes: Uint8Array])[];

const lane = fc.constantFrom(0, 0, 0, 1, 2, 3);
const streamId = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 0x7fff_ffff);

/** A frame on one of few streams, so that sequences meet. */
const frame = fc.tuple(arbitraryFrame, streamId).map(([one, id]) => encodeFrame({ ...one, streamId: id }));

/** A frame with a byte changed, cut, or made longer. */
const mutated = fc.tuple(
  fc.oneof(
    frame,
    fc.constantFrom(...vectorsOf("frame").filter((one) => one.hex.length < 2_000).map((one) => fromHex(one.hex)!)),
  ),
  fc.nat(),
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom("flip", "cut", "grow"),
).map(([bytes, at, value, how]) => {
  if (how === "cut") return bytes.slice(0, at % (bytes.length + 1));
  const changed = new Uint8Array(bytes.length + (how === "grow" ? 3 : 0));
  changed.set(bytes);
  if (changed.length > 0) changed[at % changed.length] = value;
  return changed;
});

describe("any input", () => {
  for (const [what, options] of kinds) {
    const play = (input: Input, seed: number, framed: boolean): void => {
      const player = begun(options, seed);
      for (const [on, bytes] of input) {
        const there = options.mapping === undefined ? 0 : on;
        if (framed) player.gets(bytes, there);
        else player.raw(bytes, there);
      }
      lawful(player);
    };
    const check = (chunk: fc.Arbitrary<Uint8Array>, framed: boolean, numRuns: number): void => {
      const input = fc.array(fc.tuple(lane, chunk), { maxLength: 30 });
      fc.assert(fc.property(input, fc.nat(), (chunks, seed) => play(chunks, seed, framed)), { numRuns });
    };

    it(`is survived by ${what}: random bytes`, () => check(fc.uint8Array({ maxLength: 60 }), false, 300), 20_000);
    it(`is survived by ${what}: random frames`, () => check(frame, true, 500), 20_000);
    it(`is survived by ${what}: broken frames`, () => check(mutated, true, 500), 20_000);
  }

  it("is survived before SETUP", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(frame, mutated, fc.uint8Array()), { maxLength: 4 }),
        fc.boolean(),
        (chunks, framed) => {
          const player = new Player({ react: accepting(busy) });
          for (const chunk of chunks) {
            if (framed) player.gets(chunk);
            else player.raw(chunk);
          }
          lawful(player);
        },
      ),
      { numRuns: 500 },
    );
  }, 20_000);

  it("is survived while the application decides, and handled after it", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), fc.array(fc.uint8Array(), { maxLength: 3 }), (frames, chunks) => {
        const player = new Player({ react: (event, m) => event.type !== "setup" && busy(event, m) }).gets(setup());
        for (const one of frames) player.gets(one);
        for (const one of chunks) player.raw(one);
        expect(player.heard).toEqual(['setup ""', "pause"]);
        player.does((m) => m.accept());
        lawful(player);
      }),
      { numRuns: 300 },
    );
  }, 20_000);

  it("of every golden frame, whole and cut at each byte, is survived by both roles", () => {
    for (const vector of vectorsOf("frame")) {
      const bytes = fromHex(vector.hex)!;
      for (let length = 0; length <= Math.min(bytes.length, 60); length++) {
        for (const [, options] of kinds.slice(0, 2)) lawful(begun(options, length).gets(bytes.slice(0, length)));
      }
    }
  }, 20_000);
});
