// What the agent needs from the program that starts it, so that the agent itself names no host. Types only.
import type { Runtime } from "../../src/contract/runtime.ts";

/** One host, as its few lines (node.ts, deno.ts, bun.ts) hand it in. */
export interface AgentHost {
  readonly runtime: Runtime;
  /** Of the library. */
  readonly version: string;
  readonly runtimeVersion: string;
  /** "linux-x64". */
  readonly os: string;
  /** Bytes of stdin; it ends with them. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Writes one line, without its newline, to stdout. Resolves when it is out of this process. */
  write(line: string): Promise<void>;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Resident and heap bytes. */
  memory(): { readonly rss: number; readonly heap: number };
  /** Internet sockets the operating system counts for this process; undefined where it does not tell. */
  sockets(): number | undefined;
  /** Collects garbage now; absent where the host cannot. */
  readonly gc?: () => void;
  /** A fresh SHA-256 that takes bytes piece by piece (WebCrypto has none). */
  sha256(): IncrementalHash;
  /** Tells of an unhandled rejection or an uncaught exception, instead of the host's own way of ending. */
  onFatal(report: (kind: "unhandledRejection" | "uncaughtException", error: unknown) => void): void;
}

/** A hash in the making. */
export interface IncrementalHash {
  update(bytes: Uint8Array): void;
  /** The hexadecimal result; the last call. */
  digest(): string;
}
