// What the command line asks of its host, as one small object: runtimes/shared/cli-host.ts makes it for Node, Deno and
// Bun, and a test makes its own. No part of the command line reaches for anything else.

/** The streams and arguments of one run. */
export interface Host {
  /** The words after the command's own name. */
  readonly args: readonly string[];
  /** The bytes of standard input. A command that reads none does not touch it. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /**
   * Writes text to standard output and waits until it was taken. False once nobody reads any more (`| head`): that is
   * no failure, and a command then ends quietly.
   */
  stdout(text: string): Promise<boolean>;
  /** Writes text to standard error, likewise. */
  stderr(text: string): Promise<boolean>;
}
