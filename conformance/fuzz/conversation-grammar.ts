// Writes conversations a peer could lead, and many it should not: requests, fragments, items, credit, ends, in order and
// out of it. It knows which ids are likely to live, and judges nothing.
import { STEP, writeStep } from "./conversation-program.ts";
import { generateFrame, writeFrame } from "./generate-frame.ts";
import { Input } from "./input.ts";
import { mutate } from "./mutate.ts";
import type { Random } from "./random.ts";

const FOLLOWS = 0x80;
const COMPLETE = 0x40;
const NEXT = 0x20;
const METADATA = 0x100;
const PAYLOAD = 0x0a;
const NONE = new Uint8Array(0);
/** Kinds of commands below this begin a request (conversation-application.ts). */
const REQUEST_KINDS = 120;

/** How many steps a conversation has at least. */
export const MIN_STEPS = 20;

/** Writes one conversation with a machine of this role. */
export function writeConversation(input: Input, random: Random, role: "client" | "server"): void {
  // Without a link that ignores pauses half of the time, and with moods of every kind.
  const shape = random.u32() & 0xff;
  input.u8(shape).u8(random.chance(2) ? random.u32() & 0x21 : random.u32()).u32(random.u32());
  new Conversation(input, random, role, (shape & 2) !== 0).write(MIN_STEPS + random.below(30));
}

// One buffer for all conversations: they are written one at a time.
const frame = new Input();
const chunk = new Input();

class Conversation {
  readonly #input: Input;
  readonly #random: Random;
  readonly #role: "client" | "server";
  readonly #onMessages: boolean;
  readonly #frame = frame;
  readonly #chunk = chunk;
  /** Ids of requests of the peer. */
  readonly #ids: number[] = [];
  #nextId: number;
  /** Requests that the machine was told to begin. */
  #own = 0;
  #steps = 0;

  constructor(input: Input, random: Random, role: "client" | "server", onMessages: boolean) {
    this.#onMessages = onMessages;
    this.#input = input;
    this.#random = random;
    this.#role = role;
    this.#nextId = role === "server" ? 1 : 2;
  }

  write(steps: number): void {
    if (this.#role === "server" && !this.#random.chance(25)) this.#setup();
    while (this.#steps < steps) this.#step();
  }

  #step(): void {
    const random = this.#random;
    const roll = random.below(100);
    if (roll < 22) return this.#request();
    if (roll < 46) return this.#item(this.#id());
    if (roll < 58) return this.#word(8, this.#id(), random.chance(20) ? random.u32() : random.below(6));
    if (roll < 63) return this.#send(9, 0, this.#id());
    if (roll < 66) return this.#word(11, this.#id(), random.pick([0x201, 0x202, 0x301, 0x301, random.u32()]));
    if (roll < 69) return this.#keepalive();
    if (roll < 84) return this.#command();
    if (roll < 88) return this.#tick();
    if (roll < 91) return this.#odd();
    if (roll < 96) return this.#several();
    this.#laneStep();
  }

  #setup(): void {
    this.#begin(1, 0, 0).u16(1).u16(0).u32(100).u32(400);
    for (const text of ["a/b", "c/d"]) this.#frame.u8(text.length).text(text);
    this.#end();
    if (this.#random.chance(3)) this.#command(0);
  }

  /** A request, whole or in pieces that others may come between. */
  #request(): void {
    const random = this.#random;
    const id = random.chance(10) ? this.#id() : this.#nextId;
    if (id === this.#nextId) this.#nextId += 2;
    this.#ids.push(id);
    const type = 4 + random.below(4);
    let flags = random.chance(3) ? METADATA : 0;
    if (type === 7 && random.chance(3)) flags |= COMPLETE;
    const pieces = random.chance(5) ? 1 + random.below(5) : 0;
    this.#begin(type, pieces > 0 ? flags | FOLLOWS : flags, id);
    if (type >= 6) this.#frame.u32(random.chance(8) ? random.u32() : 1 + random.below(6));
    this.#body(flags);
    this.#end();
    this.#rest(id, pieces);
  }

  #rest(id: number, pieces: number): void {
    const random = this.#random;
    for (let piece = pieces; piece > 0; piece--) {
      if (random.chance(6)) this.#step();
      const follows = piece > 1 ? FOLLOWS : random.chance(3) ? COMPLETE : 0;
      this.#payload(id, follows | NEXT | (random.chance(4) ? METADATA : 0));
    }
  }

  #item(id: number): void {
    const random = this.#random;
    if (!random.chance(6)) return this.#payload(id, random.pick([NEXT, NEXT, NEXT, NEXT | COMPLETE, COMPLETE, 0]));
    this.#payload(id, NEXT | FOLLOWS | (random.chance(2) ? METADATA : 0));
    this.#rest(id, random.below(5));
  }

  #payload(id: number, flags: number): void {
    this.#begin(PAYLOAD, flags, id);
    this.#body(flags);
    this.#end();
  }

  #body(flags: number): void {
    const random = this.#random;
    if ((flags & METADATA) !== 0) {
      const length = random.below(random.chance(8) ? 120 : 8);
      this.#frame.u24(length).fill(length, () => 0x6d);
    }
    this.#frame.fill(random.chance(300) ? random.below(30_000) : random.below(random.chance(8) ? 120 : 8), () => 0x64);
  }

  /** A stream that may live: one of the latest of either side. */
  #id(): number {
    const random = this.#random;
    if (random.chance(60)) return random.u32();
    if (this.#own > 0 && (random.chance(2) || this.#ids.length === 0)) {
      return (this.#role === "server" ? 0 : -1) + 2 * Math.max(1, this.#own - random.below(3));
    }
    return this.#ids[Math.max(0, this.#ids.length - 1 - random.below(3))] ?? random.below(8);
  }

  #word(type: number, id: number, word: number): void {
    this.#begin(type, 0, id).u32(word);
    this.#end();
  }

  #send(type: number, flags: number, id: number): void {
    this.#begin(type, flags, id);
    this.#end();
  }

  #keepalive(): void {
    const random = this.#random;
    this.#begin(3, random.chance(2) ? 0x80 : 0, 0).u32(0).u32(random.u32()).fill(random.below(18), () => 7);
    this.#end();
  }

  /** kind 0 to 255, then what it may need. */
  #command(kind: number = this.#random.u32() & 0xff): void {
    const bytes = Uint8Array.from({ length: 6 }, () => this.#random.u32());
    if (kind < REQUEST_KINDS) this.#own++;
    this.#add(STEP.COMMAND, kind, bytes);
  }

  #tick(): void {
    const ms = this.#random.chance(12) ? this.#random.below(500) : this.#random.below(30);
    this.#add(STEP.TICK, 0, Uint8Array.of(ms >>> 8, ms & 0xff));
  }

  /** A frame of any kind, a broken one, or no frame at all. */
  #odd(): void {
    const random = this.#random;
    this.#frame.clear();
    const roll = random.below(24);
    if (roll === 0) generateFrame(this.#frame, random);
    else if (roll < 11) {
      writeFrame(this.#frame, random, random.pick([0x3f, 12, 12, 2, 1, 14]), 0x200 | (random.u32() & 0x3ff), 0);
    } else if (roll === 21) this.#frame.fill(random.size(), () => random.u32());
    else {
      writeFrame(this.#frame, random, PAYLOAD, NEXT, this.#id());
      mutate(this.#frame, random, NONE);
    }
    this.#add(random.chance(8) ? STEP.RAW : STEP.FRAME, this.#lane(), this.#frame.view());
  }

  /** Several frames in one chunk. On a messages link that would be one message, and broken. */
  #several(): void {
    const random = this.#random;
    if (this.#onMessages) return this.#item(this.#id());
    const all = this.#chunk.clear();
    for (let count = 1 + random.below(6); count > 0; count--) {
      writeFrame(this.#frame.clear(), random, random.pick([PAYLOAD, 8, 9, 5, 3]), NEXT, this.#id());
      all.u24(this.#frame.length).append(this.#frame.view());
    }
    this.#add(STEP.RAW, 0, all.view());
  }

  #laneStep(): void {
    const random = this.#random;
    const op = random.pick([STEP.END, STEP.RESET, STEP.STOP]);
    // The link itself seldom ends in the middle.
    this.#add(op, random.chance(12) ? 0 : 1 + random.below(8), Uint8Array.of(random.u32()));
  }

  #lane(): number {
    return this.#random.chance(3) ? this.#random.below(9) : 0;
  }

  #begin(type: number, flags: number, id: number): Input {
    return this.#frame.clear().u32(id).u16((type << 10) | flags);
  }

  /** On a session a request and what follows it usually go on a lane of their own. */
  #end(): void {
    const id = this.#frame.bytes[3]! & 0x7f;
    // Lanes that the machine opens are even, so a client's requests, whose ids are odd, go on the lane beside.
    const usual = this.#role === "server" || id === 0 ? id : id % 2 === 0 ? id - 1 : id + 1;
    this.#add(STEP.FRAME, this.#random.chance(12) ? this.#lane() : usual, this.#frame.view());
  }

  #add(op: number, where: number, bytes: Uint8Array): void {
    this.#steps++;
    writeStep(this.#input, op, where, bytes);
  }
}
