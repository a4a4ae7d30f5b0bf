// Turns each line of standard input into a line of standard output, in order. One bad line is one JSON error line and
// no end: the rest goes on. It holds one line of input and about one chunk of output.
import { HeadraceError } from "../contract/errors.ts";
import { MAX_FRAME_BYTES } from "../rsocket/frame.ts";
import { EXIT } from "./command.ts";
import { exactJson } from "./exact-json.ts";
import type { Host } from "./host.ts";
import { type Line, Lines } from "./lines.ts";

/** The longest line that is read: the largest frame in hexadecimal, and room for the names around it. */
export const MAX_LINE_BYTES: number = 2 * MAX_FRAME_BYTES + 4_096;

const FLUSH_CHARACTERS = 65_536;

/**
 * Runs `convert` on every line that is not blank and writes what it gives. What it throws as a HeadraceError becomes
 * `{"error":{"code","message","line"}}`. Gives the exit status: 0, or 1 after a bad line.
 */
export async function filterLines(host: Host, convert: (line: Uint8Array) => string): Promise<number> {
  const lines = new Lines(MAX_LINE_BYTES);
  const out = new Output(host, convert);
  for await (const chunk of host.stdin) {
    if (!(await out.write(lines.push(chunk)))) return out.status;
  }
  await out.write(lines.end());
  return out.status;
}

class Output {
  status: number = EXIT.OK;
  readonly #host: Host;
  readonly #convert: (line: Uint8Array) => string;

  constructor(host: Host, convert: (line: Uint8Array) => string) {
    this.#host = host;
    this.#convert = convert;
  }

  /** Writes what becomes of the lines. False once nobody reads it. */
  async write(lines: Iterable<Line>): Promise<boolean> {
    let text = "";
    for (const line of lines) {
      if (isBlank(line)) continue;
      text += `${this.#convertOne(line)}\n`;
      if (text.length < FLUSH_CHARACTERS) continue;
      if (!(await this.#host.stdout(text))) return false;
      text = "";
    }
    return text === "" || await this.#host.stdout(text);
  }

  #convertOne({ number, bytes }: Line): string {
    try {
      if (bytes !== undefined) return this.#convert(bytes);
      return this.#error("frame-too-large", `The line is longer than ${MAX_LINE_BYTES} bytes`, number);
    } catch (error) {
      if (error instanceof HeadraceError) return this.#error(error.code, error.message, number);
      throw error;
    }
  }

  #error(code: string, message: string, line: number): string {
    this.status = EXIT.FAILED;
    return exactJson({ error: { code, message, line } });
  }
}

function isBlank({ bytes }: Line): boolean {
  return bytes !== undefined && bytes.every((byte) => byte === 0x20 || byte === 0x09);
}
