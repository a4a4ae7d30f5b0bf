// Runs seeds on the runtime it is started with, and prints each digest as a line of JSON. `main.js 1 50` runs the seeds 1
// to 50; `main.js trace 7` prints the lines of one. It judges nothing.
import process from "node:process";
import { runSeed } from "./scenario.ts";

const [first = "1", last = "1"] = process.argv.slice(2);

if (first === "trace") {
  for (const line of (await runSeed(Number(last))).lines) process.stdout.write(`${line}\n`);
} else {
  for (let seed = Number(first); seed <= Number(last); seed++) {
    const { digest, lines } = await runSeed(seed);
    process.stdout.write(`${JSON.stringify({ seed, digest, lines: lines.length })}\n`);
  }
}
