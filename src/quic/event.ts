/**
 * What a QUIC connection tells its application, and what its end means for the link below. It never holds state.
 *
 * @module
 */
import { LinkError } from "../contract/errors.ts";
import type { CloseInfo } from "../contract/link.ts";

/** The events of a `QuicConnection`. */
export type QuicEvent =
  /** The handshake is done. Once, before anything else but `closed`. */
  | { readonly type: "established"; readonly alpn: string }
  /** The peer opened a stream. Before anything else about it. */
  | { readonly type: "opened"; readonly id: number; readonly unidirectional: boolean }
  /** Bytes of a stream, in order. Borrowed until the next `poll`. `fin`: the last ones; they may be none. */
  | { readonly type: "data"; readonly id: number; readonly bytes: Uint8Array; readonly fin: boolean }
  /** A stream whose last `write` was not taken whole takes bytes again. */
  | { readonly type: "writable"; readonly id: number }
  /** The peer gave up sending (RESET_STREAM). Nothing more is received on the stream. */
  | { readonly type: "reset"; readonly id: number; readonly code: number }
  /** The peer wants no more (STOP_SENDING). Nothing more is sent on the stream. */
  | { readonly type: "stopped"; readonly id: number; readonly code: number }
  /** `openStream` answered undefined before and would give an id now. */
  | { readonly type: "streams-available"; readonly unidirectional: boolean }
  /** A datagram (RFC 9221). Owned. */
  | { readonly type: "datagram"; readonly bytes: Uint8Array }
  /** The connection is over for the application; all streams are gone. The `close` output follows, at once or later. */
  | QuicEnd;

/** How a connection ended. */
export interface QuicEnd {
  readonly type: "closed";
  /** self: by `close` or for an error found here. idle: nothing came for too long. link: the link below ended. */
  readonly by: "self" | "peer" | "idle" | "link";
  /** True: `code` is the application's. False: a transport code of RFC 9000, 20.1; 0 when there was none. */
  readonly application: boolean;
  readonly code: number;
  /** At most 1,024 characters. */
  readonly reason: string;
}

/** TLS alerts are the transport codes 0x100 to 0x1ff. RFC 9001, 4.8. */
const CRYPTO_ERROR = 0x100;

/**
 * The end as the contract's CloseInfo. Its code is a text: the decimal code of an application close, "transport-<n>" for
 * a transport code, else "idle-timeout" or "link-closed".
 */
export function closeInfoOf(end: QuicEnd, cause?: Error): CloseInfo {
  const { reason, code } = end;
  if (end.by === "link") return withError({ code: "link-closed", reason }, cause);
  if (end.by === "idle") {
    return {
      code: "idle-timeout",
      reason,
      error: new LinkError("link-timeout", "timeout", "QUIC idle timeout: nothing came from the peer"),
    };
  }
  if (end.application) return { code: String(code), reason };
  const info = { code: `transport-${code}`, reason };
  return code === 0 ? info : { ...info, error: transportError(end) };
}

function transportError(end: QuicEnd): LinkError {
  const who = end.by === "peer" ? "the peer" : "this side";
  if (end.code >= CRYPTO_ERROR && end.code < 2 * CRYPTO_ERROR) {
    return new LinkError(
      "link-tls",
      "tls",
      `TLS alert ${end.code - CRYPTO_ERROR} from ${who}. ${end.reason}`.trimEnd(),
    );
  }
  return new LinkError("link-reset", "reset", `QUIC transport error ${end.code} from ${who}. ${end.reason}`.trimEnd());
}

function withError(info: CloseInfo, error: Error | undefined): CloseInfo {
  return error === undefined ? info : { ...info, error };
}
