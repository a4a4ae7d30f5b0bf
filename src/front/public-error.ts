/**
 * Errors whose text is meant for the peer. All other texts stay on this side.
 *
 * @module
 */
import { HeadraceError, UsageError } from "../contract/errors.ts";
import { ERROR_CODE } from "../rsocket/mod.ts";

/**
 * Thrown by a handler, or given to `fail`, it reaches the peer as it is: the code and the text. Codes are 0x201 to
 * 0x204, or the application's own from 0x301 to 0xFFFFFFFE. RSocket 1.0, "Error Codes".
 *
 * ```js
 * import { connect, RSocketError, serve } from "headrace/rsocket";
 * const server = await serve("memory://quota", {
 *   requestResponse() {
 *     throw new RSocketError(0x301, "quota used up");
 *   },
 * });
 * const client = await connect("memory://quota");
 * const error = await client.requestResponse("more").catch((reason) => reason);
 * error.code; // "application-code"
 * error.rsocketCode; // 0x301
 * new TextDecoder().decode(error.data); // "quota used up"
 * await server.close();
 * ```
 */
export class RSocketError extends HeadraceError {
  /** "RSocketError" */
  override name = "RSocketError";
  /** What the ERROR frame carries. */
  readonly rsocketCode: number;

  /** Throws UsageError ("bad-argument") for a code that a handler may not use. */
  constructor(rsocketCode: number, message: string, options?: { cause?: unknown }) {
    super("public-error", message, options);
    const own = Number.isInteger(rsocketCode) && rsocketCode >= 0x301 && rsocketCode <= 0xffff_fffe;
    if (!own && !(rsocketCode >= ERROR_CODE.APPLICATION_ERROR && rsocketCode <= ERROR_CODE.INVALID)) {
      throw new UsageError(
        "bad-argument",
        `Cannot use error code ${rsocketCode}: use 0x201 to 0x204, or 0x301 and above`,
      );
    }
    this.rsocketCode = rsocketCode;
  }
}

/** What the peer may hear of an error. */
export function publicPart(error: unknown): { readonly code: number; readonly message: string } {
  if (error instanceof RSocketError) return { code: error.rsocketCode, message: error.message };
  return { code: ERROR_CODE.APPLICATION_ERROR, message: "the handler failed" };
}
