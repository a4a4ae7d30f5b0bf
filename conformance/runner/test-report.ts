// Reads what test runners report, vitest's JSON and the JUnit XML of Deno and Bun, as one list. Never runs anything.

/** One test as it ended. `name` is its path of groups, joined by " > ". */
export interface TestResult {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly message?: string;
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** Reads `vitest --reporter=json`. A file that could not be loaded counts as one failed test. */
export function readVitest(text: string): TestResult[] {
  const report = JSON.parse(text) as VitestReport;
  return report.testResults.flatMap((file) => {
    if (file.assertionResults.length === 0 && file.status === "failed") {
      return [{ name: file.name, outcome: "failed", message: file.message }];
    }
    return file.assertionResults.map((test): TestResult => {
      const name = [...test.ancestorTitles, test.title].join(" > ");
      if (test.status === "passed") return { name, outcome: "passed" };
      if (test.status === "failed") {
        return { name, outcome: "failed", message: (test.failureMessages ?? []).join("\n") };
      }
      return { name, outcome: "skipped" };
    });
  });
}

/** Reads JUnit XML. The outer suites are the run and the file; suites below are groups (Deno names tests by path). */
export function readJUnit(text: string): TestResult[] {
  const results: TestResult[] = [];
  const suites: string[] = [];
  let test: { name: string; outcome: TestResult["outcome"]; message: string } | undefined;
  let inFailure = false;
  for (const token of text.matchAll(/<(\/?)([a-z-]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>|([^<]+)/gi)) {
    const [, closing, tag, attributes = "", selfClosing, content] = token;
    if (content !== undefined) {
      if (inFailure && test !== undefined) test.message += unescape(content);
    } else if (tag === "testsuite") {
      if (closing === "/") suites.pop();
      else if (selfClosing === "") suites.push(attribute(attributes, "name"));
    } else if (tag === "testcase") {
      if (closing === "") {
        const name = [...suites.slice(1), attribute(attributes, "name")].join(" > ");
        test = { name, outcome: "passed", message: "" };
      }
      if ((closing === "/" || selfClosing === "/") && test !== undefined) {
        const { name, outcome, message } = test;
        results.push(outcome === "failed" ? { name, outcome, message: message.trim() } : { name, outcome });
        test = undefined;
      }
    } else if (tag === "skipped" && test !== undefined) {
      test.outcome = "skipped";
    } else if ((tag === "failure" || tag === "error") && test !== undefined) {
      test.outcome = "failed";
      if (closing === "") test.message += attribute(attributes, "message") + "\n";
      inFailure = closing === "" && selfClosing === "";
    }
  }
  return results;
}

function attribute(attributes: string, name: string): string {
  return unescape(new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescape(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name ?? ""] ?? all;
  });
}
