// Finds Chromium and starts it. It never downloads one, and never touches a profile that was there before.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const variable = "HEADRACE_CHROMIUM";
const installCommand = "apt-get install chromium";
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const programs = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/** The first of these that is there: what $HEADRACE_CHROMIUM names, /usr/bin, PATH. */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
): { readonly command: string } | { readonly missing: string } {
  const named = env[variable];
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return { command: named };
    return {
      missing: `${variable} names ${named}, which is not there; correct it, or install with: ${installCommand}`,
    };
  }
  const folders = ["/usr/bin", ...(env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")];
  const command = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...programs].find(
    existsSync,
  );
  if (command !== undefined) return { command };
  return {
    missing: `Chromium is missing (looked in $${variable}, /usr/bin and PATH); install with: ${installCommand}`,
  };
}

/** True when $HEADRACE_REQUIRE, a list with commas, names it: then a missing peer is a failure, not a skip. */
export function isRequired(peer: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return (env["HEADRACE_REQUIRE"] ?? "").split(",").includes(peer);
}

/** Headless, with a profile of its own that goes with it, and without the calls home that a test machine cannot make. */
export async function launchChromium(command: string): Promise<Browser> {
  return await chromium.launch({
    executablePath: command,
    headless: true,
    chromiumSandbox: false, // it does not run as root
    args: [
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
