// The command line: finds the command that the words name, and runs it. It knows no host and no command in particular;
// commands are rows of one table.
import { type Command, EXIT } from "./command.ts";
import { FRAME_COMMANDS } from "./frame.ts";
import type { Host } from "./host.ts";
import { VERSION } from "./version.ts";

const commands: readonly Command[] = [...FRAME_COMMANDS];

/**
 * Runs the command that `host.args` names and gives the exit status: 0, 1 when something could not be done, 2 when the
 * words mean nothing. Nothing is thrown for what a user does wrong, nor for what the host cannot read or write.
 */
export async function run(host: Host): Promise<number> {
  const { args } = host;
  const command = commands.find(({ name }) => startsWith(args, name.split(" ")));
  if (command === undefined) return await runNone(host);
  const rest = args.slice(command.name.split(" ").length);
  if (rest.some(isHelp)) return await print(host, `headrace ${command.name}: ${command.summary}\n\n${command.help}`);
  if (rest.length > 0) return await refuse(host, `"headrace ${command.name}" takes no ${JSON.stringify(rest[0])}`);
  try {
    return await command.run(host, rest);
  } catch (error) {
    if (!isCoded(error)) throw error;
    await host.stderr(`headrace: ${error.message}\n`);
    return EXIT.FAILED;
  }
}

/** What a host or this library says has a code (a full disk, an unreadable input); a mistake in a command has none. */
function isCoded(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

async function runNone(host: Host): Promise<number> {
  const [first] = host.args;
  if (first === undefined) return await refuse(host, "a command is missing");
  if (first === "--version" || first === "-V") return await print(host, `${VERSION}\n`);
  const isGroup = commands.some(({ name }) => name.startsWith(`${first} `));
  if (isHelp(first) || (isGroup && host.args.some(isHelp))) return await print(host, usage());
  return await refuse(host, `unknown command ${JSON.stringify(host.args.slice(0, 2).join(" "))}`);
}

async function print(host: Host, text: string): Promise<number> {
  await host.stdout(text);
  return EXIT.OK;
}

async function refuse(host: Host, why: string): Promise<number> {
  await host.stderr(`headrace: ${why}\n\n${usage()}`);
  return EXIT.USAGE;
}

function usage(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`).join("");
  return `Usage: headrace <command>\n\nCommands:\n${rows}
Options:
  --help     This text, or that of a command after its name
  --version  The version
`;
}

function startsWith(args: readonly string[], words: readonly string[]): boolean {
  return words.every((word, at) => args[at] === word);
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}
