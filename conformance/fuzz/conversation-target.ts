// Whole conversations with one RSocket connection as targets: a client's and a server's machine, on every framing and
// mapping, once as the program has it and once with its input cut elsewhere.
import { RSocketConnection } from "../../src/rsocket/connection.ts";
import { Greeting } from "../../src/rsocket/greeting.ts";
import { Keepalive } from "../../src/rsocket/keepalive.ts";
import { writeConversation } from "./conversation-grammar.ts";
import { Host, type MakeMachine } from "./conversation-host.ts";
import { HEAD_BYTES, mannerOf, piecesOf, STEP, stepsOf, writeStep } from "./conversation-program.ts";
import { Input } from "./input.ts";
import { hashOf, Random } from "./random.ts";
import { conversationSeeds } from "./seeds.ts";
import { hold, type Target } from "./target.ts";

const genuine: MakeMachine = (options, nowMs) => new RSocketConnection<number>(options, nowMs);

/** Both roles. */
export function conversationTargets(): Target[] {
  return [conversationTarget("server"), conversationTarget("client")];
}

/** One role; `make` gives the machine. */
export function conversationTarget(role: "client" | "server", make: MakeMachine = genuine): Target {
  return {
    name: role,
    about: `RSocketConnection as a ${role}: every law of machines, over conversations of 20 steps and more`,
    kind: "stateful",
    covers: [RSocketConnection, Greeting, Keepalive],
    seeds: conversationSeeds().map(programOf),
    generate(input, random) {
      writeConversation(input, random, role);
      return false;
    },
    run: (program) => play(program, role, make),
    pieces: piecesOf,
  };
}

function play(program: Uint8Array, role: "client" | "server", make: MakeMachine): string {
  const manner = mannerOf(program, role);
  const steps = stepsOf(program);
  const seed = hashOf(program.subarray(0, HEAD_BYTES));
  const whole = new Host(make, manner, undefined);
  for (const step of steps) whole.step(step);
  const { closed } = whole;
  whole.finish(seed % 3);
  if (manner.options.framing === "prefixed") {
    const cut = new Host(make, manner, new Random(seed));
    for (const step of steps) cut.step(step);
    cut.finish(seed % 3);
    hold(cut.events === whole.events && cut.heard === whole.heard, "hears otherwise when the input is cut");
    hold(cut.sent === whole.sent, "says otherwise when the input is cut");
  }
  if (closed === undefined) return "+open";
  return closed.error ? closed.code : `+${closed.code}`;
}

function programOf(frames: readonly Uint8Array[]): Uint8Array {
  const input = new Input();
  input.fill(HEAD_BYTES, () => 0);
  for (const frame of frames) writeStep(input, STEP.FRAME, 0, frame);
  return input.view().slice();
}
