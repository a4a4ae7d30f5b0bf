/**
 * What a simulated connection is like: its speed, its buffers and how often what goes wrong. Numbers only; it does
 * nothing itself.
 *
 * @module
 */
import { UsageError } from "../../src/contract/errors.ts";
import type { Random } from "./random.ts";

/** Times are milliseconds, sizes bytes, chances from 0 (never) to 1 (always). */
export interface Shape {
  /** Time from one end to the other. */
  readonly latencyMs: number;
  /** Most that is added to it, drawn for each piece. The order within a link is kept; that of datagrams is not. */
  readonly jitterMs: number;
  /** Cap in each direction, shared by all streams of a session. `Infinity` = none. */
  readonly bytesPerSecond: number;
  /** Most bytes of one link that are under way in one direction; what does not fit waits with the sender. */
  readonly windowBytes: number;
  /** `send` returns false from this many unsent and undelivered bytes on, and `drain` comes at half of it. */
  readonly highWaterBytes: number;
  /** For each piece, and each delivery, of a bytes link: that it is cut or joined at a place that the seed chooses. */
  readonly resegmentChance: number;
  /** For each `send`: that the link reads the sender's memory only later, at most `holdMs` later. */
  readonly holdChance: number;
  /** The longest hold, in milliseconds. */
  readonly holdMs: number;
  /** For each piece: that its direction stands still, at most `stallMs`. */
  readonly stallChance: number;
  /** The longest standstill, in milliseconds. */
  readonly stallMs: number;
  /** For each connection: that it is cut, at a time up to `cutWithinMs` or after up to `cutWithinBytes` one way. */
  readonly cutChance: number;
  /** The latest time of a cut, in milliseconds after the connection began. */
  readonly cutWithinMs: number;
  /** The most bytes one way before a cut. */
  readonly cutWithinBytes: number;
  /** For each cut and each abort: that the bytes under way are lost instead of arriving first. */
  readonly lostTailChance: number;
  /** For each dial: that it is refused although somebody listens. */
  readonly refuseChance: number;
  /** The largest datagram of a session. 0 = no datagrams. */
  readonly maxDatagramBytes: number;
  /** For each datagram: that it is lost. */
  readonly datagramLossChance: number;
  /** For each datagram: that it arrives twice. */
  readonly datagramRepeatChance: number;
}

/** One millisecond away and nothing goes wrong. */
export const CALM: Shape = {
  latencyMs: 1,
  jitterMs: 0,
  bytesPerSecond: Infinity,
  windowBytes: 65_536,
  highWaterBytes: 65_536,
  resegmentChance: 0,
  holdChance: 0,
  holdMs: 5,
  stallChance: 0,
  stallMs: 200,
  cutChance: 0,
  cutWithinMs: 1_000,
  cutWithinBytes: 65_536,
  lostTailChance: 0,
  refuseChance: 0,
  maxDatagramBytes: 1_200,
  datagramLossChance: 0,
  datagramRepeatChance: 0,
};

/**
 * A shape drawn from the seed: a random half of the features, each at a random strength, so that over many seeds every
 * combination comes up (swarm testing). Connections are cut only when `cuts` is true.
 */
export function drawShape(random: Random, cuts: boolean = false): Shape {
  const some = (values: readonly number[], calm: number) =>
    random.chance(0.5) ? values[random.below(values.length)] ?? calm : calm;
  return {
    ...CALM,
    latencyMs: some([0, 5, 40, 300], CALM.latencyMs),
    jitterMs: some([1, 10, 100], CALM.jitterMs),
    bytesPerSecond: some([50_000, 1_000_000, 20_000_000], CALM.bytesPerSecond),
    windowBytes: some([512, 4_096, 1_048_576], CALM.windowBytes),
    highWaterBytes: some([1, 100, 4_096], CALM.highWaterBytes),
    resegmentChance: some([0.1, 0.5, 1], CALM.resegmentChance),
    holdChance: some([0.1, 0.5, 1], CALM.holdChance),
    stallChance: some([0.01, 0.1], CALM.stallChance),
    cutChance: cuts ? some([0.2, 0.5, 1], CALM.cutChance) : 0,
    lostTailChance: some([0.5, 1], CALM.lostTailChance),
    refuseChance: cuts ? some([0.2], CALM.refuseChance) : 0,
    datagramLossChance: some([0.05, 0.5], CALM.datagramLossChance),
    datagramRepeatChance: some([0.05, 0.5], CALM.datagramRepeatChance),
  };
}

/** The shape with what a URL's query says of it: `?latencyMs=40&resegmentChance=1`. Throws a UsageError. */
export function shapeFrom(query: URLSearchParams, base: Shape): Shape {
  const shape: Record<string, number> = { ...base };
  for (const [name, text] of query) {
    if (name === "kind") continue;
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Object.hasOwn(base, name)) throw new UsageError("bad-argument", `Cannot shape a link: no "${name}" is known`);
    if (!(value >= 0)) throw new UsageError("bad-argument", `Cannot shape a link: ${name} is "${text}"`);
    shape[name] = value;
  }
  return shape as unknown as Shape; // the same names, and still all numbers
}
