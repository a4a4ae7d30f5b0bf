// The golden vectors of RSocket with their types: what rsocket-py, rsocket-js and rsocket-java put on the wire.
// JSON numbers beyond 2^53-1 are inexact here; their "_str" twins are exact. Never changed by a test.
import file from "./rsocket.json" with { type: "json" };

/** One frame (without its length prefix) or one piece of metadata, as bytes and as fields. */
export interface Vector {
  readonly name: string;
  readonly kind: "frame" | "metadata";
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly hex: string;
}

/** One payload and the fragments a peer made of it. */
export interface FragmentationSequence {
  readonly name: string;
  readonly producer: string;
  readonly type: string;
  readonly stream_id: number;
  readonly metadata: string | null;
  readonly data: string | null;
  readonly options: { readonly request_n?: number; readonly next?: boolean; readonly complete?: boolean };
  readonly frames: readonly string[];
  readonly flags: readonly string[];
  readonly defects: readonly string[];
}

/** A raw conversation with two live servers. What a server must answer follows from the specification, not from them. */
export interface ServerProbe {
  readonly name: string;
  /** Frames as hex without length prefixes, and pauses as text. */
  readonly sent_frames: readonly string[];
}

/** What the file holds, as far as tests read it. */
export interface RSocketVectors {
  readonly vectors: readonly Vector[];
  readonly fragmentation_sequences: readonly FragmentationSequence[];
  readonly server_probes: readonly ServerProbe[];
}

/** The file. */
export const rsocketVectors: RSocketVectors = file as unknown as RSocketVectors;

/** The vectors of one kind, and of one type where that is given. */
export function vectorsOf(kind: Vector["kind"], type?: string): readonly Vector[] {
  return rsocketVectors.vectors.filter((one) => one.kind === kind && (type === undefined || one.type === type));
}
