/**
 * A sink that writes down what a link gives it, for tests. It copies every chunk and never answers.
 *
 * @module
 */
import type { CloseInfo, Link, LinkSink } from "../../src/contract/link.ts";

/** What came, in order. */
export interface Recording {
  /** The link that is listened to. */
  readonly link: Link;
  /** Copies of what arrived, one for each `chunk`. */
  readonly chunks: Uint8Array[];
  /** How often `drain` came. */
  drains: number;
  /** How often `end` came; more than one is a fault. */
  ends: number;
  /** Every `closed`; more than one is a fault. */
  readonly closes: CloseInfo[];
  /** All chunks as one. */
  bytes(): Uint8Array;
  /** All chunks as UTF-8. */
  text(): string;
}

/** Starts the link and records it. `more` hears of the same. */
export function record(link: Link, more: Partial<LinkSink> = {}): Recording {
  const recording: Recording = {
    link,
    chunks: [],
    drains: 0,
    ends: 0,
    closes: [],
    bytes: () => joined(recording.chunks),
    text: () => new TextDecoder().decode(joined(recording.chunks)),
  };
  link.start({
    chunk(borrowed) {
      recording.chunks.push(borrowed.slice());
      more.chunk?.(borrowed);
    },
    drain() {
      recording.drains += 1;
      more.drain?.();
    },
    end() {
      recording.ends += 1;
      more.end?.();
    },
    closed(info) {
      recording.closes.push(info);
      more.closed?.(info);
    },
  });
  return recording;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
