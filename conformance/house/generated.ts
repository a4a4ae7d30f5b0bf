// The parts of READMEs that are drawn from the code: state diagrams, error codes, limits. Pure: texts in, texts out.
import { ERROR_CODES, type ErrorCodeRow } from "../../src/contract/error-codes.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/contract/limits.ts";
import { diagram } from "../../src/kit/table.ts";
import { CONNECTION_TABLE, STREAM_TABLES } from "../../src/rsocket/lifecycle.ts";

/** The READMEs that hold generated parts. */
export const generatedReadmes: readonly string[] = ["src/contract/README.md", "src/rsocket/README.md"];

/**
 * A README with what stands between `<!-- generated: name -->` and `<!-- end -->` made anew. Throws for a name nobody
 * makes. `limitsSource` is the text of src/contract/limits.ts, whose comments are the descriptions.
 */
export function regenerated(readme: string, limitsSource: string): string {
  return readme.replaceAll(
    /(<!-- generated: (\S+) -->\n)[^]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      return `${begin}\n${part(name, limitsSource)}\n\n${end}`;
    },
  );
}

function part(name: string, limitsSource: string): string {
  if (name === "error-codes") return errorCodes();
  if (name === "limits") return limits(limitsSource);
  if (name === "connection") return mermaid(diagram(CONNECTION_TABLE, "awaitingSetup", "closed"));
  const [interaction, role] = name.split("-");
  const tables = STREAM_TABLES[interaction as keyof typeof STREAM_TABLES] as typeof STREAM_TABLES.stream | undefined;
  if (tables === undefined || (role !== "requester" && role !== "responder")) {
    throw new Error(`Nobody generates ${name}`);
  }
  return mermaid(diagram(tables[role], role === "requester" ? "open" : "assembling", "closed"));
}

function mermaid(text: string): string {
  return `\`\`\`mermaid\n${text}\n\`\`\``;
}

function errorCodes(): string {
  const rows = Object.entries<ErrorCodeRow>(ERROR_CODES).map((
    [code, row],
  ) => [`\`${code}\``, row.class, row.means, row.todo]);
  return table(["Code", "Class", "What it means", "What to do"], rows);
}

function limits(source: string): string {
  const described = source.matchAll(/^ {2}\/\*\* (.+) \*\/\n {2}readonly (\w+): number;$/gm);
  const rows = [...described].map(([, text = "", name = ""]) => {
    return [`\`${name}\``, DEFAULT_LIMITS[name as keyof Limits].toLocaleString("en-US"), text];
  });
  const named = new Set(rows.map(([name]) => name));
  const missing = Object.keys(DEFAULT_LIMITS).filter((name) => !named.has(`\`${name}\``));
  if (missing.length > 0) throw new Error(`No one-line comment for ${missing.join(", ")} in limits.ts`);
  return table(["Limit", "Default", "What it bounds, and what happens above it"], rows);
}

/** A table as `deno fmt` lays it out. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
