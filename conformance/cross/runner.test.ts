// What `npm test` promises, proved with planted tests on each runtime: outcomes, messages, reasons, and nothing escapes.
import { describe, expect, it } from "#test";
import { findRuntime, runtimeNames } from "../runner/find-runtime.ts";
import { runTests, type SuiteReport } from "../runner/run-tests.ts";
import { closingLine, describeReport, differences, totalsOf, unexplainedSkips } from "../runner/summary.ts";
import type { TestResult } from "../runner/test-report.ts";

const planted = (name: string) => [`conformance/cross/planted/${name}.ts`];
const report = (title: string, results: TestResult[]): SuiteReport => ({ title, results, complaints: [] });

for (const runtime of runtimeNames) {
  describe(`the runner on ${runtime}`, () => {
    it("counts and names each outcome", async () => {
      const ran = await runTests(runtime, { suite: "planted", files: planted("mixed") });
      expect(Object.fromEntries(ran.results.map(({ name, outcome }) => [name, outcome]))).toEqual({
        'planted > deeper > fails with <a> & "message"': "failed",
        "planted > is skipped (skipped: planted (on purpose))": "skipped",
        "planted > passes": "passed",
        "planted > takes too long": "failed",
      });
      expect(ran.complaints).toEqual([]);
      expect(closingLine(totalsOf([ran]))).toBe("1 passed, 2 failed, 1 skipped");
      expect(describeReport(ran).join("\n")).toContain("left");
      expect(describeReport(ran).join("\n")).toContain("skipped: planted (on purpose)");
      expect(unexplainedSkips([ran])).toEqual([]);
    });

    for (const [name, message] of [["late-rejection", "planted rejection"], ["late-throw", "planted exception"]]) {
      it(`is red after a ${name}`, async () => {
        const ran = await runTests(runtime, { suite: "planted", files: planted(name ?? "") });
        expect(totalsOf([ran]).failed).toBeGreaterThan(0);
        expect(describeReport(ran).join("\n")).toContain(message ?? "");
      });
    }

    it("is red after a file that cannot be loaded", async () => {
      const ran = await runTests(runtime, { suite: "planted", files: planted("broken") });
      expect(totalsOf([ran]).failed).toBeGreaterThan(0);
      expect(describeReport(ran).join("\n")).toContain("planted at load");
    });
  });
}

describe("a missing runtime", () => {
  it("is named, with the command that installs it", async () => {
    process.env["HEADRACE_BUN"] = "/nowhere/bun";
    try {
      const told = "bun: HEADRACE_BUN names /nowhere/bun, which does not run; correct it, or install with: npm ci";
      expect(findRuntime("bun")).toEqual({ missing: told });
      const ran = await runTests("bun", { suite: "planted", files: planted("mixed") });
      expect(ran).toEqual({ title: "bun", results: [], complaints: [told] });
    } finally {
      delete process.env["HEADRACE_BUN"];
    }
  });
});

describe("the comparison of runtimes", () => {
  const passed = (name: string): TestResult => ({ name, outcome: "passed" });

  it("finds tests that only one of them ran", () => {
    const found = differences([report("one", [passed("a"), passed("b")]), report("two", [passed("a"), passed("a")])]);
    expect(found).toEqual(["one ran 2 tests, two ran 2\nonly one:\n  b\nonly two:\n  a"]);
  });

  it("does not mind a skip on one of them, but minds one without a reason", () => {
    const skipped: TestResult = { name: "a (skipped: no UDP)", outcome: "skipped" };
    expect(differences([report("one", [passed("a")]), report("two", [skipped])])).toEqual([]);
    expect(unexplainedSkips([report("one", [{ name: "a", outcome: "skipped" }])])).toHaveLength(1);
  });
});
