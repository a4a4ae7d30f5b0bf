// Takes the first example out of README.md: the code blocks marked "js server.js" and "js client.js", and where there is
// one "text output". Never runs it.

/** The example as files, and what the client prints. */
export interface ReadmeExample {
  /** Prints a line when it listens. */
  readonly server: string;
  readonly client: string;
  /** Exactly what the client writes to stdout. */
  readonly output?: string;
}

/** Throws, naming the block, where one is missing. */
export function readExample(markdown: string): ReadmeExample {
  const output = block(markdown, "text output");
  const files = { server: needed(markdown, "js server.js"), client: needed(markdown, "js client.js") };
  return output === undefined ? files : { ...files, output };
}

function needed(markdown: string, info: string): string {
  const text = block(markdown, info);
  if (text === undefined) throw new Error(`README.md has no code block that starts with \`\`\`${info}`);
  return text;
}

function block(markdown: string, info: string): string | undefined {
  const fence = "```";
  const start = markdown.indexOf(`\n${fence}${info}\n`);
  const end = start < 0 ? -1 : markdown.indexOf(`\n${fence}`, start + 1);
  return end < 0 ? undefined : markdown.slice(start + info.length + fence.length + 2, end + 1);
}
