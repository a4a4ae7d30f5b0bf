// Headrace in a page: what its bundle holds, and Chromium as a client of servers on Node, Deno and Bun over WebSockets.
// One Chromium serves the whole file; where there is none, each of its tests is skipped with the command that installs it.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { describe, expect, it } from "#test";
import { mountWebSocket } from "../../runtimes/node/mod.ts";
import { RSocketServer, serve } from "../../src/front/rsocket.ts";
import { type JsonObject, textAt } from "../agent/fields.ts";
import { fillPattern } from "../agent/pattern.ts";
import { bundle, bundlePage } from "../browser/bundle.ts";
import { findChromium, isRequired, launchChromium } from "../browser/chromium.ts";
import type { PageGlobal, PageProgram } from "../browser/page.ts";
import { serveSite, type Site, type SiteFile } from "../browser/site.ts";
import { startServer } from "../browser/start-server.ts";
import type { Agent } from "../runner/agents.ts";
import { type RuntimeName, runtimeNames } from "../runner/find-runtime.ts";
import { projectRoot } from "../runner/project.ts";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");

/** What a page with the whole of the entry may weigh: 10 % over what it weighed when this was written. */
const mostGzipBytes = 35_000;
const connectOnly = 'import { connect } from "headrace/browser"; await connect("wss://example.org");';

describe("the bundle of headrace/browser", () => {
  for (const platform of ["browser", "neutral"] as const) {
    it(`names no host, for the platform ${platform}`, async () => {
      const { text, metafile } = await bundle('export * from "headrace/browser";', platform);
      expect(text.match(/\bimport\b|\bfrom\s*["']|\brequire\s*\(|node:|\bDeno\b|\bBun\b|\bprocess\b/g)).toBeNull();
      const inputs = Object.entries(metafile.inputs);
      expect(inputs.flatMap(([, input]) => input.imports.filter((one) => one.external === true))).toEqual([]);
      const paths = inputs.map(([path]) => path);
      expect(paths).toContain("dist/runtimes/browser/entry.js");
      const foreign = /node_modules|(^|\/)runtimes\/(?!browser\/|shared\/)|rsocket-server/;
      expect(paths.filter((path) => foreign.test(path))).toEqual([]);
    });
  }

  it("would not take a host's module", async () => {
    await expect(bundle('import "headrace/runtimes/node";', "browser")).rejects.toThrow(/Could not resolve "node:/);
  });

  it("has all that headrace/rsocket has, but for servers", () => {
    const there = exportedNames(read("src/front/rsocket.ts"));
    const here = exportedNames(read("runtimes/browser/entry.ts"));
    expect(there.filter((name) => !here.includes(name))).toEqual(["RSocketServer", "ServerHandler", "serve"]);
  });

  it(`stays below ${mostGzipBytes} bytes with gzip`, async () => {
    const all = await bundle('export * from "headrace/browser";', "browser");
    const one = await bundle(connectOnly, "browser");
    console.info(`headrace/browser: ${all.bytes} bytes, ${all.gzipBytes} with gzip; connect alone: ${one.gzipBytes}`);
    expect(all.gzipBytes).toBeLessThan(mostGzipBytes);
    expect(one.gzipBytes).toBeLessThan(all.gzipBytes + 1);
  });
});

/** Names of values and types, in order. */
function exportedNames(text: string): string[] {
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = ""]) => list.split(","));
  const declared = [...text.matchAll(/^export (?:async )?(?:class|function|const) (\w+)/gm)].map(([, name = ""]) =>
    name
  );
  return [...lists.map((name) => name.trim().replace("type ", "")), ...declared].filter((name) => name !== "")
    .toSorted();
}

describe("looking for Chromium", () => {
  it("says what is missing, and how to install it", () => {
    const nowhere = findChromium({ HEADRACE_CHROMIUM: "/nowhere/chromium" });
    expect("missing" in nowhere ? nowhere.missing : "").toMatch(/\/nowhere\/chromium.*apt-get install chromium/);
    expect(findChromium({ HEADRACE_CHROMIUM: process.execPath })).toEqual({ command: process.execPath });
    expect([isRequired("chromium", { HEADRACE_REQUIRE: "chromium,other" }), isRequired("chromium", {})])
      .toEqual([true, false]);
  });
});

const chromium = findChromium();

/** A test that needs Chromium. Where it has to be there, one that is missing is a failure. */
function cell(name: string, body: () => Promise<void>): void {
  if ("missing" in chromium && !isRequired("chromium")) {
    return it.skipBecause(`peer-missing: ${chromium.missing}`, name, body);
  }
  it(name, body);
}

interface Stage {
  readonly browser: Browser;
  readonly site: Site;
  readonly folder: string;
  readonly file: string;
  readonly sha256: string;
}

const fileBytes = 1_048_576;
let staged: Promise<Stage> | undefined;
const servers: Map<RuntimeName, Promise<Agent>> = new Map();
const pages: Map<string, SiteFile> = new Map();

/** Chromium, the web server and the file that is fetched, made for the first test that needs them. */
function stage(): Promise<Stage> {
  return staged ??= (async () => {
    if ("missing" in chromium) throw new Error(chromium.missing);
    const html = read("conformance/browser/page.html");
    pages.set("/", { type: "text/html", body: html });
    pages.set("/page.js", { type: "text/javascript", body: await bundlePage() });
    const browser = await launchChromium(chromium.command);
    const site = await serveSite((path) => pages.get(path) ?? built(path));
    const folder = mkdtempSync(join(tmpdir(), "headrace-browser-"));
    const file = join(folder, "page.bin");
    const content = fillPattern(new Uint8Array(fileBytes), 3);
    writeFileSync(file, content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    return { browser, site, folder, file, sha256 };
  })();
}

/** A module of the built package, as it is. */
function built(path: string): SiteFile | undefined {
  if (!/^\/dist\/[\w/.-]+\.js$/.test(path) || !existsSync(join(projectRoot, path))) return undefined;
  return { type: "text/javascript", body: read(path) };
}

/** The server of the runtime, which admits the pages of the site. One for all tests but those that end it. */
function serverOn(name: RuntimeName): Promise<Agent> {
  const known = servers.get(name);
  if (known !== undefined) return known;
  const started = stage().then(({ site }) => startServer(name, [site.origin]));
  servers.set(name, started);
  return started;
}

async function listen(server: Agent): Promise<{ readonly url: string; readonly listener: string }> {
  const { file } = await stage();
  const listening = await server.call("listen", {
    url: "ws://127.0.0.1:0/rsocket",
    files: { "page.bin": file },
    fragmentBytes,
  });
  return { url: textAt(listening, "url"), listener: textAt(listening, "listener") };
}

interface Opened {
  readonly page: Page;
  /** What the browser wrote to its console. */
  readonly said: readonly string[];
  readonly run: (name: string, url: string, params?: JsonObject) => ReturnType<PageProgram["run"]>;
}

/** Opens a page for one test. An error that nobody caught in it fails the test. */
async function inPage(url: string, body: (opened: Opened) => Promise<void>): Promise<void> {
  const { browser } = await stage();
  const page = await browser.newPage();
  const said: string[] = [];
  const escaped: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => escaped.push(error.stack ?? error.message));
  const run: Opened["run"] = (name, target, params = {}) =>
    page.evaluate(
      (asked) => (globalThis as unknown as PageGlobal).headracePage.run(asked.name, asked.target, asked.params),
      { name, target, params },
    );
  try {
    await page.goto(url);
    await body({ page, said, run });
    expect(escaped).toEqual([]);
  } finally {
    await page.close();
  }
}

const nothing = { openConnections: 0, openStreams: 0, timers: 0 };
/** How long a server may take to notice that its page is gone. A bound, not a wait. */
const noticeMs = 10_000;
const fragmentBytes = 16_384;
const chunkBytes = 65_536;
const each = 4;

function expectChecks(result: Awaited<ReturnType<PageProgram["run"]>>): void {
  expect(result).toMatchObject({ ok: { failed: [] } });
  expect("ok" in result ? result.ok["passed"] : 0).toBeGreaterThan(0);
}

for (const name of runtimeNames) {
  describe(`chromium to ${name} over ws`, () => {
    cell("fetches 1 MiB by request-stream", async () => {
      const { site, sha256 } = await stage();
      const { url } = await listen(await serverOn(name));
      await inPage(site.origin, async ({ run }) => {
        const fetched = await run("fetch", url, { name: "page.bin", chunkBytes });
        expect(fetched).toMatchObject({ ok: { bytes: fileBytes, items: fileBytes / chunkBytes, sha256 } });
        if ("ok" in fetched) {
          console.info(`${name} to chromium: 1 MiB in ${Number(fetched.ok["seconds"]).toFixed(3)} s`);
        }
      });
    });

    // Request-response, fire-and-forget, streams, channels, metadata push, requests of the server, cancels, error codes.
    for (const [title, params] of [["interactions", {}], ["items", {}], ["large", { bytes: fileBytes }]] as const) {
      cell(title, async () => {
        const { site } = await stage();
        const server = await serverOn(name);
        const { url } = await listen(server);
        await inPage(site.origin, async ({ run }) => {
          expectChecks(await run(title, url, { ...params, options: { fragmentBytes } }));
          await server.waitFor({ max: nothing }, noticeMs);
        });
      });
    }

    cell("an AbortSignal ends a stream, a response and a connect", async () => {
      const { site } = await stage();
      const server = await serverOn(name);
      const { url } = await listen(server);
      await inPage(site.origin, async ({ run }) => {
        expectChecks(await run("abort", url, { url }));
        await server.waitFor({ max: nothing }, noticeMs);
      });
    });

    cell("a page of another origin hears one typed error", async () => {
      const { site } = await stage();
      const server = await serverOn(name);
      const { url } = await listen(server);
      await inPage(site.otherOrigin, async ({ run, said }) => {
        expect(await run("open", url)).toMatchObject({
          error: { name: "LinkError", code: expect.stringMatching(/^link-/) },
        });
        expect(said.filter((line) => line.includes("403"))).toHaveLength(1); // the browser tells why only there
      });
      expect(await server.stats()).toMatchObject(nothing);
    });

    cell("a closed page leaves nothing on the server", async () => {
      const { site } = await stage();
      const server = await serverOn(name);
      const { url } = await listen(server);
      await inPage(site.origin, async ({ page, run }) => {
        const held = run("hold", url, { each }).catch((error: unknown) => error);
        await server.waitFor({ min: { openStreams: 4 * each } }, noticeMs);
        await page.close();
        await held;
      });
      expect(await server.waitFor({ max: nothing }, noticeMs)).toMatchObject(nothing);
    });

    cell("a server that closes says so", async () => {
      const { site } = await stage();
      const server = await serverOn(name);
      const { url, listener } = await listen(server);
      await inPage(site.origin, async ({ page, run }) => {
        const staying = run("stay", url);
        await heldInPage(page, 1);
        await server.call("unlisten", { listener });
        expect(await staying).toMatchObject({ ok: { code: "connection-close" } });
        expect(await run("open", url)).toMatchObject({ error: { name: "LinkError" } });
      });
    });

    cell("a killed server ends every stream with one LinkError", async () => {
      const { site } = await stage();
      const server = await startServer(name, [site.origin]);
      try {
        const { url } = await listen(server);
        await inPage(site.origin, async ({ page, run }) => {
          const [held, staying] = [run("hold", url, { each }), run("stay", url)];
          await heldInPage(page, 3 * each + 1);
          await server.waitFor({ min: { openStreams: 4 * each } }, noticeMs);
          server.kill("SIGKILL");
          expect(await held).toMatchObject({ ok: { failed: [], passed: 1, closed: "link-reset" } });
          expect(await staying).toMatchObject({ ok: { error: { name: "LinkError", reason: "reset" } } });
        });
      } finally {
        server.kill("SIGKILL");
        await server.exited;
      }
    });

    cell("and leaves nothing behind", async () => {
      const server = await serverOn(name);
      const last = await server.stop();
      expect(last, server.stderrTail).toMatchObject({ ...nothing, listeners: 0 });
      expect(await server.exited).toEqual({ code: 0, signal: null });
    });
  });
}

/** Waits until the page's requests that never end have received so many items. */
async function heldInPage(page: Page, count: number): Promise<void> {
  await page.evaluate((items) => (globalThis as unknown as PageGlobal).headracePage.held(items), count);
}

/** A server in this process, with the origin rule under test. */
async function ticking(allowedOrigins?: readonly string[]): Promise<AsyncDisposable & { readonly url: string }> {
  const handler = {
    async *requestStream() {
      for (let second = 1; second <= 3; second++) yield `tick ${second}`;
    },
  };
  const server = await serve("ws://127.0.0.1:0", handler, allowedOrigins === undefined ? {} : { allowedOrigins });
  return { url: server.urls[0] ?? "", [Symbol.asyncDispose]: () => server.close() };
}

describe("a page", () => {
  cell("is admitted by default where it comes from the server's own origin, and only there", async () => {
    const { site } = await stage();
    await using elsewhere = await ticking();
    const server = new RSocketServer({});
    const unmount = await mountWebSocket(site.server, (link) => void server.accept(link), { path: "/rsocket" });
    await inPage(site.origin, async ({ page, run }) => {
      expect(await run("open", elsewhere.url)).toMatchObject({ error: { name: "LinkError" } });
      const staying = run("stay", `${site.origin.replace("http:", "ws:")}/rsocket`);
      await heldInPage(page, 1);
      await server.close();
      expect(await staying).toMatchObject({ ok: { code: "connection-close" } });
    });
    unmount();
  });

  cell("is refused what a browser does not have, and told", async () => {
    const { site } = await stage();
    await inPage(site.origin, async ({ run }) => {
      const refused = { error: { name: "UsageError", code: "missing-capability" } };
      for (const url of ["tcp://127.0.0.1:1", "tls://127.0.0.1:1"]) {
        expect(await run("open", url)).toMatchObject(refused);
      }
      expect(await run("open", "ws://127.0.0.1:9", { options: { headers: { a: "b" } } })).toMatchObject(refused);
      expect(await run("open", "http://127.0.0.1:9")).toMatchObject({ error: { code: "unknown-scheme" } });
    });
  });

  cell("runs the README's lines", async () => {
    const { site } = await stage();
    const [, program = ""] = /\n```js page\.js\n([^]*?)\n```/.exec(read("README.md")) ?? [];
    const [named = ""] = /ws:[^"]+/.exec(program) ?? [];
    await using server = await ticking([site.origin]);
    pages.set("/readme", { type: "text/html", body: pageWith('<script type="module" src="/readme.js"></script>') });
    pages.set("/readme.js", {
      type: "text/javascript",
      body: (await bundle(program.replace(named, server.url), "browser")).text,
    });
    await inPage(`${site.origin}/readme`, async ({ page }) => {
      await page.getByText("tick 3").waitFor();
      expect((await page.locator("body").innerText()).trim()).toBe("tick 1 tick 2 tick 3");
    });
  });

  cell("needs no bundler: an import map will do", async () => {
    const { site } = await stage();
    await using server = await ticking([site.origin]);
    const imports = {
      "headrace/browser": "/dist/runtimes/browser/entry.js",
      "#runtime": "/dist/runtimes/browser/mod.js",
    };
    const scripts = `<script type="importmap">${JSON.stringify({ imports })}</script>` +
      '<script type="module" src="/dist/conformance/browser/page.js"></script>';
    pages.set("/unbundled", { type: "text/html", body: pageWith(scripts) });
    await inPage(`${site.origin}/unbundled`, async ({ page, run }) => {
      const staying = run("stay", server.url);
      await heldInPage(page, 1);
      await server[Symbol.asyncDispose]();
      expect(await staying).toMatchObject({ ok: { code: "connection-close" } });
    });
  });

  cell("may do all of it in a worker", async () => {
    const { site } = await stage();
    await using server = await ticking([site.origin]);
    pages.set("/worker.js", { type: "text/javascript", body: "" });
    await inPage(site.origin, async ({ page }) => {
      const begun = page.waitForEvent("worker");
      await page.evaluate('void new Worker("/worker.js", { type: "module" })');
      const worker = await begun;
      const program = 'import("/page.js").then(() => globalThis.headracePage)';
      const url = JSON.stringify(server.url);
      const staying = worker.evaluate(`${program}.then((page) => page.run("stay", ${url}))`);
      await worker.evaluate(`${program}.then((page) => page.held(1))`);
      await server[Symbol.asyncDispose]();
      expect(await staying).toMatchObject({ ok: { code: "connection-close" } });
    });
  });

  cell("leaves no Chromium behind", async () => {
    const { browser, site, folder } = await stage();
    expect(browser.contexts().flatMap((context) => context.pages())).toEqual([]);
    await browser.close();
    expect(browser.isConnected()).toBe(false);
    await site.close();
    rmSync(folder, { recursive: true });
  });
});

function pageWith(head: string): string {
  return read("conformance/browser/page.html").replace(/<script.*<\/script>/, () => head);
}
