// Reads the commands of .ci/run and of the GitHub workflow, so that a test can hold them equal. Never runs them.

/** The commands of the script: every line but comments, blanks and the shell's own settings. */
export function scriptCommands(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => !/^(#|$|set |cd )/.test(line));
}

/** The `run:` lines of the workflow, single ones and blocks. */
export function workflowCommands(text: string): string[] {
  const commands: string[] = [];
  let blockIndent: number | undefined;
  for (const line of text.split("\n")) {
    const indent = line.search(/\S/);
    if (blockIndent !== undefined && indent > blockIndent) {
      commands.push(line.trim());
      continue;
    }
    blockIndent = undefined;
    const [, command] = /^\s*(?:- )?run:\s*(.*)$/.exec(line) ?? [];
    if (command === "|") blockIndent = indent;
    else if (command !== undefined) commands.push(command.trim());
  }
  return commands;
}
