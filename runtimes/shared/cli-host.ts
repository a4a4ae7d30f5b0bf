// The command line's host on Node, Deno and Bun: arguments and standard streams through node:process, which all three
// have. It runs no command itself.
import process from "node:process";

/** What src/cli asks of a host. Declared there; this is its shape. */
export interface CliHost {
  readonly args: readonly string[];
  readonly stdin: AsyncIterable<Uint8Array>;
  stdout(text: string): Promise<boolean>;
  stderr(text: string): Promise<boolean>;
}

/** The streams and arguments of this process. Standard input is opened when it is first asked for. */
export function cliHost(): CliHost {
  return {
    args: process.argv.slice(2),
    get stdin(): AsyncIterable<Uint8Array> {
      return process.stdin;
    },
    stdout: writer(process.stdout),
    stderr: writer(process.stderr),
  };
}

/**
 * Ends the process once a command is done. All its output was taken by then, and standard input may still be open with
 * nobody to read it (`| head`), so nothing is waited for.
 */
export function exit(status: number): void {
  process.exit(status);
}

function writer(stream: NodeJS.WriteStream): (text: string) => Promise<boolean> {
  // Without a listener a closed pipe would be an uncaught exception besides the callback's error.
  stream.on("error", () => {});
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error) => {
        if (error === null || error === undefined) resolve(true);
        else if (isClosed(error)) resolve(false);
        else reject(error);
      });
    });
}

function isClosed(error: Error): boolean {
  // Deno tells a reader that left unread output behind as a reset, and names errors by the class of its own.
  if (error.name === "BrokenPipe" || error.name === "ConnectionReset") return true;
  const code = (error as { code?: unknown }).code;
  return code === "EPIPE" || code === "ECONNRESET" || code === "ERR_STREAM_DESTROYED" ||
    code === "ERR_STREAM_WRITE_AFTER_END";
}
