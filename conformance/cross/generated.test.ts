// The generated parts of the READMEs are what the code says now. `npm run generate` mends them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "#test";
import { RSocketConnection } from "../../src/rsocket/connection.ts";
import { generatedReadmes, regenerated } from "../house/generated.ts";
import { projectRoot } from "../runner/project.ts";
import { bytesOf } from "../transcript/frames.ts";
import { Player } from "../transcript/player.ts";

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");
const limits = read("src/contract/limits.ts");

/** What the example of src/rsocket/README.md needs of its host. */
interface ExampleLink {
  send(bytes: Uint8Array): void;
  pause(): void;
  resume(): void;
  end(): void;
  onChunk?: (chunk: Uint8Array) => void;
  onEnd?: () => void;
}
type Serve = (link: ExampleLink, now: () => number, wake: (atMs: number, run: () => void) => void) => void;

describe("the example of src/rsocket/README.md", () => {
  it("serves request-response", async () => {
    const code = read("src/rsocket/README.md").split("```js\n")[1]!.split("```")[0]!;
    const source = code.replace(/^import .*$/m, "").replace(
      "export function serve",
      "export const make = (RSocketConnection) => function",
    );
    const { make } = await import(`data:text/javascript,${encodeURIComponent(source)}`) as {
      make: (connection: typeof RSocketConnection) => Serve;
    };
    const client = new Player({ role: "client" }).does((m) => m.requestResponse(bytesOf("ho"), undefined, "a"));
    const link: ExampleLink = { send: (bytes) => void client.raw(bytes.slice()), pause() {}, resume() {}, end() {} };
    make(RSocketConnection)(link, () => 0, () => {});
    link.onChunk!(client.sentBytes());
    expect(client.heard).toEqual(['payload 1 "ho" end [a]']);
    link.onEnd!();
  });
});

describe("the generated parts", () => {
  for (const path of generatedReadmes) {
    it(`of ${path} are what the code says (npm run generate)`, () => {
      expect(read(path)).toBe(regenerated(read(path), limits));
      expect(read(path)).toContain("<!-- generated: ");
    });
  }

  it("differ as soon as a README does", () => {
    const stale = "<!-- generated: connection -->\n\nold\n\n<!-- end -->\n";
    const fresh = regenerated(stale, limits);
    expect(fresh).toContain("awaitingSetup --> deciding: recvSetup");
    expect(fresh).not.toContain("old");
    expect(regenerated(fresh, limits)).toBe(fresh);
  });

  it("are only those that somebody makes", () => {
    const unknown = (name: string) => () => regenerated(`<!-- generated: ${name} -->\n<!-- end -->`, limits);
    expect(unknown("nothing")).toThrow(/nothing/);
    expect(unknown("stream-nobody")).toThrow(/stream-nobody/);
    expect(unknown("channel-responder")).not.toThrow();
  });

  it("need a one-line comment for every limit", () => {
    expect(() => regenerated("<!-- generated: limits -->\n<!-- end -->", "")).toThrow(/maxFrameBytes/);
  });
});
