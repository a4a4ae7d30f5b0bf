// The version that the command line prints. conformance/cross/cli.test.ts holds it equal to package.json and deno.json, which no source reads.

/** The version of this package. */
export const VERSION = "0.1.0";
