// A conversation as bytes, so that it can be mutated, made smaller and stored like any other input: a head that says
// how both sides behave, then steps. Any bytes are a program. It runs nothing.
import type { ConnectionOptions } from "../../src/rsocket/connection.ts";
import type { Limits } from "../../src/contract/limits.ts";
import { limitsOf } from "../../src/kit/limits.ts";
import type { Input } from "./input.ts";

/** What a step does. */
export const STEP = {
  /** Bytes as they are on the wire. */
  RAW: 0,
  /** One frame; the host adds the length prefix where the framing has one. */
  FRAME: 1,
  /** Time passes. */
  TICK: 2,
  /** The peer ends a lane; lane 0 is the link. */
  END: 3,
  RESET: 4,
  STOP: 5,
  /** The application does something on its own account. */
  COMMAND: 6,
} as const;

/** One step: what, where (a lane or a kind of command), and its bytes. */
export interface Step {
  readonly op: number;
  readonly where: number;
  readonly bytes: Uint8Array;
}

/** How the machine is made and how its application behaves. */
export interface Manner {
  readonly options: ConnectionOptions;
  readonly accept: "at once" | "later" | "never";
  /** The application answers nothing by itself. */
  readonly quiet: boolean;
  /** The application also tries what it may not. */
  readonly overreaches: boolean;
  /** The link delivers what was under way although it was told to pause. */
  readonly ignoresPause: boolean;
  readonly seed: number;
}

/** Bytes of the head. */
export const HEAD_BYTES = 6;
const STEP_HEAD_BYTES = 4;

/** Limits that a short conversation can cross. */
export const SMALL_LIMITS: Limits = limitsOf({
  maxFrameBytes: 300,
  maxPayloadBytes: 100,
  maxFragmentsPerPayload: 4,
  tinyFragmentBytes: 4,
  maxTinyFragments: 2,
  reassemblyIdleMs: 60,
  maxReassemblyBytes: 150,
  maxBreaches: 3,
  maxConcurrentStreams: 3,
  setupTimeoutMs: 200,
  maxSetupBytes: 200,
  minKeepaliveMs: 20,
  minLifetimeMs: 200,
  maxLifetimeMs: 400,
  maxKeepaliveBytes: 16,
  maxErrorBytes: 24,
});

const FRAGMENT_BYTES = [undefined, undefined, 64, 100] as const;
const ACCEPT = ["at once", "at once", "at once", "later", "never", "at once", "at once", "later"] as const;

/** Reads the head. `role` is the machine's. */
export function mannerOf(program: Uint8Array, role: "client" | "server"): Manner {
  const [shape = 0, mood = 0] = program;
  const message = (shape & 2) !== 0;
  const fragmentBytes = FRAGMENT_BYTES[(shape >>> 3) & 3];
  return {
    options: {
      role,
      framing: message ? "message" : "prefixed",
      mapping: !message && (shape & 4) !== 0 ? "stream-per-request" : "single",
      ...(fragmentBytes === undefined ? {} : { fragmentBytes }),
      ...((shape & 32) === 0 ? {} : { limits: SMALL_LIMITS }),
      ...((mood & 1) === 0 ? {} : { serverKeepAliveMs: 40 }),
      setup: { keepAliveMs: 100, lifetimeMs: 400 },
    },
    accept: ACCEPT[(mood >>> 1) & 7]!,
    quiet: (mood & 16) !== 0,
    overreaches: (mood & 32) !== 0,
    ignoresPause: (mood & 64) !== 0,
    seed: seedOf(program),
  };
}

function seedOf(program: Uint8Array): number {
  let seed = 0;
  for (let at = 2; at < HEAD_BYTES; at++) seed = seed * 256 + (program[at] ?? 0);
  return seed;
}

/** The steps. What is cut off counts as far as it goes. Their bytes are views. */
export function stepsOf(program: Uint8Array): Step[] {
  const steps: Step[] = [];
  for (let at = HEAD_BYTES; at + STEP_HEAD_BYTES <= program.length;) {
    const from = at + STEP_HEAD_BYTES;
    const end = Math.min(from + program[at + 2]! * 256 + program[at + 3]!, program.length);
    steps.push({ op: program[at]! % 7, where: program[at + 1]!, bytes: program.subarray(from, end) });
    at = end;
  }
  return steps;
}

/** The head and each step as pieces, for making a program smaller. */
export function piecesOf(program: Uint8Array): Uint8Array[] {
  const pieces = [program.subarray(0, HEAD_BYTES)];
  for (let at = HEAD_BYTES; at < program.length;) {
    const length = at + 3 < program.length ? program[at + 2]! * 256 + program[at + 3]! : 0;
    const end = Math.min(at + STEP_HEAD_BYTES + length, program.length);
    pieces.push(program.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** Writes a step. At most 65,535 bytes. */
export function writeStep(input: Input, op: number, where: number, bytes: Uint8Array): void {
  const length = Math.min(bytes.length, 0xffff);
  if (input.fits(STEP_HEAD_BYTES + length)) input.u8(op).u8(where).u16(length).append(bytes.subarray(0, length));
}
