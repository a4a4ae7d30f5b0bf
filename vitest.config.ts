// How vitest runs the unit tests on Node, from sources. HEADRACE_SUITE=cross runs the orchestrated suite instead, and
// HEADRACE_SUITE=planted the tests that are planted to fail.
import { configDefaults, defineConfig } from "vitest/config";

const suites: Readonly<Record<string, { include: string[]; exclude: string[]; testTimeout: number }>> = {
  unit: {
    include: ["{src,transports,runtimes,conformance}/**/*.test.ts"],
    exclude: ["conformance/cross/**"],
    testTimeout: 30_000,
  },
  cross: { include: ["conformance/cross/*.test.ts"], exclude: [], testTimeout: 120_000 },
  planted: { include: ["conformance/cross/planted/*.ts"], exclude: [], testTimeout: 5_000 },
};
const name = process.env["HEADRACE_SUITE"] ?? "unit";
const suite = suites[name];
if (suite === undefined) throw new Error(`HEADRACE_SUITE is one of ${Object.keys(suites).join(", ")}, not ${name}`);

const conditions = ["headrace-source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    ...suite,
    exclude: [...configDefaults.exclude, ...suite.exclude],
    maxWorkers: 2,
    chaiConfig: { truncateThreshold: 0 },
  },
});
