// The command line with a host of its own: words and exit statuses, lines in and out however they are cut, bad lines,
// back-pressure, and a reader that goes away.
import { describe, expect, it } from "#test";
import { vectorsOf } from "../../conformance/vectors/rsocket.ts";
import { utf8Encode } from "../bytes/utf8.ts";
import type { Host } from "./host.ts";
import { MAX_LINE_BYTES } from "./line-filter.ts";
import { run } from "./main.ts";
import { VERSION } from "./version.ts";

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Chunks that were asked for. */
  readonly pulled: number;
}

/** Runs the command line over chunks. `takes` is how many writes are taken before the reader goes away. */
async function headrace(
  args: string,
  chunks: Iterable<Uint8Array | string> = [],
  takes: number = Infinity,
): Promise<Ran> {
  let [out, err, pulled, writing, writes] = ["", "", 0, false, 0];
  async function* stdin(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) {
      pulled++;
      expect(writing).toBe(false);
      yield typeof chunk === "string" ? utf8Encode(chunk) : chunk;
    }
  }
  const host: Host = {
    args: args.split(" ").filter((word) => word !== ""),
    stdin: stdin(),
    stdout: async (text) => {
      expect(writing).toBe(false);
      if (writes++ >= takes) return false;
      writing = true;
      await Promise.resolve();
      writing = false;
      out += text;
      return true;
    },
    stderr: (text) => {
      err += text;
      return Promise.resolve(true);
    },
  };
  const status = await run(host);
  return { status, out, err, pulled };
}

const linesOf = (text: string): unknown[] => text.trimEnd().split("\n").map((line): unknown => JSON.parse(line));
const error = (code: string, line: number) => ({ error: { code, line, message: expect.any(String) } });

describe("the words of the command line", () => {
  it("print the version", async () => {
    expect(await headrace("--version")).toMatchObject({ status: 0, out: `${VERSION}\n`, err: "", pulled: 0 });
  });

  it("print help, also for one command and for a group", async () => {
    for (const words of ["--help", "-h", "frame --help"]) {
      const { status, out, err } = await headrace(words);
      expect([status, err]).toEqual([0, ""]);
      expect(out).toContain("frame decode");
      expect(out).toContain("frame encode");
    }
    const { status, out, pulled } = await headrace("frame decode --help", ["00"]);
    expect([status, pulled]).toEqual([0, 0]);
    expect(out).toContain("echo 000000012400");
  });

  it("that mean nothing give the usage on standard error and status 2", async () => {
    for (
      const words of ["", "frames", "frame", "frame explode", "decode frame", "frame decode twice", "x --help", "--no"]
    ) {
      const { status, out, err, pulled } = await headrace(words, ["00"]);
      expect([status, out, pulled], words).toEqual([2, "", 0]);
      expect(err, words).toMatch(/^headrace: .+\n\nUsage: headrace/);
    }
  });
});

describe("headrace frame", () => {
  const vectors = vectorsOf("frame");
  const hex = vectors.map((one) => `${one.hex}\n`).join("");
  const json = vectors.map(({ type, fields }) => `${JSON.stringify({ type, fields })}\n`).join("");

  it("decodes every vector, in order", async () => {
    const { status, out, err } = await headrace("frame decode", [hex]);
    expect([status, err]).toEqual([0, ""]);
    expect(linesOf(out)).toEqual(vectors.map(({ type, fields }) => ({ type, fields })));
    expect(await headrace("frame encode", [out])).toMatchObject({ status: 0, out: hex });
  });

  it("encodes every vector, in order", async () => {
    expect(await headrace("frame encode", [json])).toMatchObject({ status: 0, out: hex, err: "" });
  });

  it("does not mind how the input is cut", async () => {
    const bytes = utf8Encode(hex.slice(0, 3_000));
    const whole = await headrace("frame decode", [bytes]);
    for (const size of [1, 2, 7, 64]) {
      const chunks = Array.from(
        { length: Math.ceil(bytes.length / size) },
        (_, at) => bytes.slice(at * size, at * size + size),
      );
      const { status, out } = await headrace("frame decode", chunks);
      expect([status, out], `${size}`).toEqual([whole.status, whole.out]);
    }
  });

  it("tolerates CRLF, blanks, blank lines and a last line without an end", async () => {
    const line = '{"type":"CANCEL","fields":{"stream_id":1}}\n';
    const { status, out } = await headrace("frame decode", ["\r\n  00 00 00 01 24 00 \r\n\n\t\n000000012400"]);
    expect([status, out]).toEqual([0, line + line]);
    expect(await headrace("frame encode", [` \r\n${line.trimEnd()}\r\n\n${line.trimEnd()}`])).toMatchObject({
      status: 0,
      out: "000000012400\n000000012400\n",
    });
  });

  it("gives an error line for each bad line and goes on", async () => {
    const input = "000000012400\nzz\n\n0000\n000000000000\n00000001110000000578\n000000012400\n";
    const { status, out, err } = await headrace("frame decode", [input]);
    expect([status, err]).toEqual([1, ""]);
    const cancel = { type: "CANCEL", fields: { stream_id: 1 } };
    expect(linesOf(out)).toEqual([
      cancel,
      error("bad-argument", 2),
      error("frame-malformed", 4),
      error("frame-unknown", 5),
      error("frame-malformed", 6),
      cancel,
    ]);
  });

  it("gives an error line for JSON that is no frame and goes on", async () => {
    const good = '{"type":"CANCEL","fields":{"stream_id":1}}';
    const input = [good, "{", "[]", '{"type":"CANCEL","fields":{"stream_id":2147483648}}', good].join("\n");
    const { status, out } = await headrace("frame encode", [input, "\n", new Uint8Array([0x22, 0xff, 0x22])]);
    const lines = out.trimEnd().split("\n");
    expect(status).toBe(1);
    expect([lines[0], lines[4]]).toEqual(["000000012400", "000000012400"]);
    expect(lines.slice(1, 4).map((line): unknown => JSON.parse(line))).toEqual(
      [2, 3, 4].map((line) => error("bad-argument", line)),
    );
    expect(JSON.parse(lines[5]!)).toEqual({
      error: { code: "bad-argument", line: 6, message: "The line is not UTF-8" },
    });
  });

  it("bounds a line that never ends, and reads the next", async () => {
    const chunk = new Uint8Array(1 << 20).fill(0x30);
    const endless = Array.from({ length: 80 }, () => chunk);
    const { status, out, pulled } = await headrace("frame decode", [...endless, "\n000000012400\n"]);
    expect([status, pulled]).toEqual([1, 81]);
    expect(linesOf(out)).toEqual([error("frame-too-large", 1), { type: "CANCEL", fields: { stream_id: 1 } }]);
  }, 20_000);

  it("decodes the largest frame and refuses one byte more", async () => {
    const header = "000000011400";
    const largest = utf8Encode(header.padEnd(2 * 16_777_215, "a"));
    const { status, out } = await headrace("frame decode", [largest]);
    expect([status, out.length]).toEqual([
      0,
      2 * 16_777_209 + '{"type":"REQUEST_FNF","fields":{"stream_id":1,"data":""}}\n'.length,
    ]);
    const more = await headrace("frame decode", [largest, "aa"]);
    expect(largest.length + 2).toBeLessThan(MAX_LINE_BYTES);
    expect([more.status, linesOf(more.out)]).toEqual([1, [error("frame-too-large", 1)]]);
  }, 30_000);

  it("waits for the output before it reads on", async () => {
    const { out, pulled } = await headrace(
      "frame decode",
      Array.from({ length: 100 }, () => "000000012400\n".repeat(2_000)),
    );
    expect([out.length, pulled]).toEqual([200_000 * 43, 100]);
  });

  it("ends quietly, and reads no more, when nobody reads its output", async () => {
    function* forever(): Generator<string> {
      for (;;) yield "000000012400\n";
    }
    expect(await headrace("frame decode", forever(), 3)).toMatchObject({ status: 0, err: "", pulled: 4 });
    expect(await headrace("frame decode", ["zz\n", "00\n"], 1)).toMatchObject({ status: 1, pulled: 2 });
  });
});
