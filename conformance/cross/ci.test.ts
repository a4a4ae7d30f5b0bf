// Holds .ci/run and the GitHub workflow equal, so that one cannot pass where the other fails.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { scriptCommands, workflowCommands } from "../house/ci-commands.ts";
import { projectRoot } from "../runner/project.ts";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");

describe("continuous integration", () => {
  it("runs the same commands in .ci/run and in the workflow", () => {
    const commands = scriptCommands(read(".ci/run"));
    expect(commands).toEqual([
      "npm ci",
      "apt-get update",
      "apt-get install -y --no-install-recommends chromium",
      "npm run -s fuzz -- --seconds 30",
      "HEADRACE_REQUIRE=chromium npm run -s ok",
    ]);
    expect(workflowCommands(read(".github/workflows/ci.yml"))).toEqual(commands);
  });

  it("reads single run lines and blocks", () => {
    const workflow = "steps:\n  - run: one\n  - name: more\n    run: |\n      two\n      three\n  - uses: four\n";
    expect(workflowCommands(workflow)).toEqual(["one", "two", "three"]);
    expect(scriptCommands("#!/usr/bin/env bash\n# why\nset -euo pipefail\n\none\n  two\n")).toEqual(["one", "two"]);
  });
});
