// `headrace frame decode` and `headrace frame encode`: frames in hexadecimal to JSON and back, a line at a time.
// They keep no state between lines and judge no sequence of frames.
import { isFault } from "../bytes/fault.ts";
import { utf8DecodeStrict } from "../bytes/utf8.ts";
import { PeerError, UsageError } from "../contract/errors.ts";
import { decodeFrame } from "../rsocket/decode.ts";
import { encodeFrame } from "../rsocket/encode.ts";
import { MAX_FRAME_BYTES } from "../rsocket/frame.ts";
import type { Command } from "./command.ts";
import { exactJson, parseExactJson } from "./exact-json.ts";
import { frameFromJson, frameToJson } from "./frame-json.ts";
import { hexOf, parseHexLine } from "./hex-line.ts";
import { filterLines } from "./line-filter.ts";

const badLines = `
A line that cannot be read becomes {"error":{"code":…,"message":…,"line":…}} in its place; the rest goes on, and the
exit status is 1 at the end. Blank lines are skipped.
`;

/** The rows of these commands. */
export const FRAME_COMMANDS: readonly Command[] = [
  {
    name: "frame decode",
    summary: "RSocket frames in hexadecimal (standard input, one a line) to JSON",
    help: `Reads one frame a line in hexadecimal, without its length prefix; blanks may stand between bytes.
Writes one JSON object a line: {"type":…,"fields":{…}}. Bytes in it are hexadecimal.
${badLines}
Example: echo 000000012400 | headrace frame decode
         {"type":"CANCEL","fields":{"stream_id":1}}
`,
    run: (host) => filterLines(host, decodeLine),
  },
  {
    name: "frame encode",
    summary: "RSocket frames in JSON (standard input, one a line) to hexadecimal",
    help: `Reads one JSON object a line, as "headrace frame decode" writes them.
Writes one frame a line in hexadecimal, without its length prefix.
Positions over 2^53-1 may be given as digits in a string under "<name>_str". Flags and data may be left out.
${badLines}
Example: echo '{"type":"CANCEL","fields":{"stream_id":1}}' | headrace frame encode
         000000012400
`,
    run: (host) => filterLines(host, encodeLine),
  },
];

function decodeLine(line: Uint8Array): string {
  const bytes = parseHexLine(line);
  if (bytes.length > MAX_FRAME_BYTES) {
    throw new PeerError("frame-too-large", `A frame of ${bytes.length} bytes: the most is ${MAX_FRAME_BYTES}`);
  }
  const frame = decodeFrame(bytes);
  if (isFault(frame)) {
    const code = frame.fault === "unknown-type" ? "frame-unknown" : "frame-malformed";
    throw new PeerError(code, `Cannot decode the frame: ${frame.fault} at byte ${frame.at}`);
  }
  const { type, fields } = frameToJson(frame);
  return exactJson({ type, fields });
}

function encodeLine(line: Uint8Array): string {
  const text = utf8DecodeStrict(line);
  if (text === undefined) throw new UsageError("bad-argument", "The line is not UTF-8");
  return hexOf(encodeFrame(frameFromJson(parseExactJson(text))));
}
