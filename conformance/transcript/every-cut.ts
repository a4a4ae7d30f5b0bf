// One conversation with its input cut in every way: whole, byte by byte, and in two at each position.
// It demands the same events and the same bytes each time, and judges nothing else.
import { expect } from "#test";
import { toHex } from "../../src/bytes/hex.ts";
import { Player, type PlayerOptions } from "./player.ts";

/** Plays `run` with every cut, and gives the player of the uncut one. */
export function everyCut(options: PlayerOptions, run: (player: Player) => void): Player {
  const whole = new Player(options);
  run(whole);
  const cuts: ((offset: number) => boolean)[] = [() => true];
  for (let at = 1; at < whole.offset; at++) cuts.push((offset) => offset === at);
  cuts.forEach((cut, index) => {
    const player = new Player({ ...options, cuts: cut, seed: index + 2 });
    run(player);
    const where = index === 0 ? "byte by byte" : `cut at ${index}`;
    expect(player.heard, where).toEqual(whole.heard);
    expect(toHex(player.sentBytes()), where).toBe(toHex(whole.sentBytes()));
    expect(player.ownedIntact(), where).toBe(true);
  });
  expect(whole.ownedIntact()).toBe(true);
  return whole;
}
