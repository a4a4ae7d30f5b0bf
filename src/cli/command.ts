// What a command is: one row of the table in main.ts. It holds no command of its own.
import type { Host } from "./host.ts";

/** The exit status of a run. */
export const EXIT = {
  /** Everything went well, or the reader of the output went away. */
  OK: 0,
  /** Something that was asked for could not be done; the output says what. */
  FAILED: 1,
  /** The words on the command line mean nothing. */
  USAGE: 2,
} as const;

/** One command. */
export interface Command {
  /** Its words, such as "frame decode". */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints after the first line: what goes in, what comes out, an example. */
  readonly help: string;
  /** Runs it with the words after its name. Gives the exit status. */
  run(host: Host, args: readonly string[]): Promise<number>;
}
