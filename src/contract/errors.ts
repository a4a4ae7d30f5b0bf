/**
 * The errors users meet: one base with a stable code, four meanings. Nothing else is thrown on purpose.
 *
 * @module
 */
import type { ErrorCode } from "./error-codes.ts";

/** The base of every error of this library. `code` is stable; `message` may change. `cause` is what led to it. */
export class HeadraceError extends Error {
  /** "HeadraceError" */
  override name = "HeadraceError";
  /** Stable and listed in error-codes.ts. */
  readonly code: ErrorCode;
  /** `cause`: what led to it. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The caller asked for something that cannot be, or at a time when it cannot be. Thrown at once; nothing changed. */
export class UsageError extends HeadraceError {
  /** "UsageError" */
  override name = "UsageError";
}

/** The peer broke the protocol, or cannot do what is needed. The connection or the stream ends with it. */
export class PeerError extends HeadraceError {
  /** "PeerError" */
  override name = "PeerError";
}

/** The peer answered with an error. Rejects the one call it answers, or ends the connection it was sent for. */
export class RemoteError extends HeadraceError {
  /** "RemoteError" */
  override name = "RemoteError";
  /** The unsigned 32-bit code of the ERROR frame. RSocket 1.0, "Error Codes". */
  readonly rsocketCode: number;
  /** The ERROR frame's data, owned. */
  readonly data: Uint8Array;
  /** `data`: the bytes of the ERROR frame, from now on its own. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { rsocketCode: number; data: Uint8Array; cause?: unknown },
  ) {
    super(code, message, options);
    this.rsocketCode = options.rsocketCode;
    this.data = options.data;
  }
}

/** Why a wire failed. */
export type LinkReason = "refused" | "reset" | "timeout" | "unreachable" | "tls" | "closed" | "in-use";

/** The wire failed. Every call that was waiting rejects with it. */
export class LinkError extends HeadraceError {
  /** "LinkError" */
  override name = "LinkError";
  /** What went wrong, in one word. */
  readonly reason: LinkReason;
  /** `cause`: the host's own error, where there is one. */
  constructor(code: ErrorCode, reason: LinkReason, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    this.reason = reason;
  }
}
