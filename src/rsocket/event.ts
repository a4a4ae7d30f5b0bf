/**
 * What the application hears from an RSocket connection. Types only.
 *
 * Byte fields are borrowed until the next `poll`, unless `owned` is true.
 *
 * @module
 */
import type { HeadraceError, PeerError, RemoteError } from "../contract/errors.ts";
import type { SetupFrame } from "./frame.ts";
import type { Interaction } from "./lifecycle.ts";

/** One event. `C` is what the application attached to its stream. */
export type RSocketEvent<C> =
  /** Server only: SETUP arrived and is valid. Answer with `accept` or `reject`; requests wait until then. */
  | { readonly type: "setup"; readonly setup: SetupFrame }
  /** The peer asks for something. Attach a context with `attach(id, context)`. `n` is 0 for response and fnf. */
  | {
    readonly type: "request";
    readonly interaction: Interaction;
    readonly id: number;
    readonly n: number;
    readonly data: Uint8Array;
    readonly metadata: Uint8Array | undefined;
    readonly complete: boolean;
    readonly owned: boolean;
  }
  /** An item. With `complete` it is the last one. */
  | {
    readonly type: "payload";
    readonly id: number;
    readonly context: C;
    readonly data: Uint8Array;
    readonly metadata: Uint8Array | undefined;
    readonly complete: boolean;
    readonly owned: boolean;
  }
  /** The peer sends no more items. */
  | { readonly type: "complete"; readonly id: number; readonly context: C }
  /** The stream ended with an error: the peer's ERROR, its breach of the protocol, or the loss of the connection. */
  | { readonly type: "error"; readonly id: number; readonly context: C; readonly error: HeadraceError }
  /** The peer wants `n` more items. */
  | { readonly type: "requestN"; readonly id: number; readonly context: C; readonly n: number }
  /** The peer wants no more items. */
  | { readonly type: "cancel"; readonly id: number; readonly context: C }
  | { readonly type: "metadataPush"; readonly metadata: Uint8Array }
  /** ERROR on stream 0. CONNECTION_CLOSE is one too: the connection ends when its streams have ended. */
  | { readonly type: "connectionError"; readonly error: RemoteError }
  /** Nothing came for `silentMs`; the connection closes next. */
  | { readonly type: "keepaliveTimeout"; readonly silentMs: number; readonly error: PeerError };
