// The fuzzer's own tests, on every runtime: stored findings stay mended, every target holds on a few inputs, the same
// seed makes the same inputs, and what breaks is made smaller.
import { describe, expect, it } from "#test";
import { toHex } from "../../src/bytes/hex.ts";
import { piecesOf, stepsOf } from "./conversation-program.ts";
import { fuzz } from "./engine.ts";
import { inputOf, storedFindings } from "./findings.ts";
import { Input } from "./input.ts";
import { minimise } from "./minimise.ts";
import { mutate } from "./mutate.ts";
import { plantedTargets } from "./planted.ts";
import { Random } from "./random.ts";
import { isBouncing } from "./report.ts";
import { lawOf, type Target } from "./target.ts";
import { allTargets } from "./targets.ts";

/** The law that an input breaks, or undefined. */
function brokenBy(target: Target, input: Uint8Array): string | undefined {
  try {
    target.run(input, false);
    return undefined;
  } catch (error) {
    return lawOf(error);
  }
}

describe("stored findings", () => {
  const targets = new Map(allTargets().map((target) => [target.name, target]));

  it("stay mended, and those that are open still break", () => {
    for (const finding of storedFindings()) {
      const target = targets.get(finding.target);
      expect(target, finding.target).toBeDefined();
      const broken = brokenBy(target!, inputOf(finding));
      expect(broken, `${finding.target}: ${finding.law}`).toBe(finding.open === undefined ? undefined : finding.law);
    }
  });
});

describe("a few inputs", () => {
  for (const target of allTargets()) {
    it(`break no law of ${target.name}`, () => {
      const open = storedFindings().filter((one) => one.open !== undefined && one.target === target.name);
      const report = fuzz(target, {
        seed: 1,
        seconds: 30,
        inputs: target.kind === "stateful" ? 200 : 1_500,
        open: new Set(open.map(({ law }) => law)),
        slowMs: Infinity, // three runtimes at once on a busy machine say nothing about speed
      });
      expect(report.breach?.detail ?? "").toBe("");
      expect(isBouncing(report)).toBe(false);
      expect(report.accepted).toBeGreaterThan(0);
    }, 60_000);
  }
});

describe("inputs", () => {
  it("are the same for the same seed", () => {
    const made = [1, 1, 2].map((seed) => {
      const [random, input] = [new Random(seed), new Input()];
      const all: string[] = [];
      for (let count = 0; count < 50; count++) {
        input.clear().append(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
        mutate(input, random, Uint8Array.of(9, 9));
        all.push(toHex(input.view()));
      }
      return all.join();
    });
    expect(made[0]).toBe(made[1]);
    expect(made[0]).not.toBe(made[2]);
  });

  it("that are programs can be cut into pieces, whatever they are", () => {
    const random = new Random(3);
    for (let count = 0; count < 500; count++) {
      const program = Uint8Array.from({ length: random.below(80) }, () => random.u32());
      expect(piecesOf(program).map(toHex).join("")).toBe(toHex(program));
      expect(stepsOf(program).every(({ op, bytes }) => op < 7 && bytes.length <= program.length)).toBe(true);
    }
  });

  it("that break a law are made smaller, and break the same law", () => {
    for (const name of ["decoder: throws on a rare combination of flags", "machine: sends a second ERROR"]) {
      const target = plantedTargets().get(name)!;
      const { breach } = fuzz(target, { seed: 1, seconds: 30, slowMs: Infinity });
      const smaller = minimise(target, breach!.input, breach!.law);
      expect(smaller.length).toBeLessThanOrEqual(breach!.input.length);
      expect(brokenBy(target, smaller)).toBe(breach!.law);
      if (name.startsWith("decoder")) expect(smaller.length).toBe(6);
    }
  }, 60_000);
});
