// Takes the examples out of doc comments (blocks marked ```js) and makes programs of them, in which the values that their
// comments name are checked. It runs nothing.

/** One example. */
export interface DocExample {
  /** The file and the line of its first line. */
  readonly at: string;
  /** A module that throws where a value is not as the comment says. */
  readonly program: string;
}

/** The examples of one source file. */
export function docExamples(path: string, text: string): DocExample[] {
  const examples: DocExample[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    if (!/^ *\* ```js$/.test(lines[at] ?? "")) continue;
    const body: string[] = [];
    const start = at + 2;
    for (at++; !/^ *\* ```$/.test(lines[at] ?? ""); at++) {
      const line = lines[at];
      if (line === undefined) throw new Error(`${path}: the example at line ${start} has no end`);
      body.push(line.replace(/^ *\* ?/, ""));
    }
    examples.push({ at: `${path}:${start}`, program: programOf(body) });
  }
  return examples;
}

function programOf(body: readonly string[]): string {
  return ['import { deepStrictEqual } from "node:assert";', ...body.map(checked), ""].join("\n");
}

/** `value; // 5` checks that the value is 5; comments that name no value are left alone. */
function checked(line: string): string {
  const [, indent = "", value = "", comment = ""] = /^( *)([\w.]+\b.*); \/\/ (.+)$/.exec(line) ?? [];
  if (comment === "" || /^(const|let|import|return|throw|if|for|await)\b/.test(value)) return line;
  const bytes = /^(?:Uint8Array of )?(\d+) bytes$/.exec(comment)?.[1];
  if (bytes !== undefined) return `${indent}deepStrictEqual((${value}).length, ${bytes}); // ${comment}`;
  const list = /^Uint8Array (\[.*\])$/.exec(comment)?.[1];
  if (list !== undefined) return `${indent}deepStrictEqual([...${value}], ${list}); // ${comment}`;
  if (!/^("[^"]*"|-?\d+|0x[\da-f]+|true|false|null|undefined)$/.test(comment)) return line;
  return `${indent}deepStrictEqual(${value}, ${comment});`;
}
