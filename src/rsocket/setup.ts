/**
 * SETUP: what a client offers by default, and what a server refuses. Pure. RSocket 1.0, "SETUP Frame",
 * "Connection Establishment", "Negotiation".
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../contract/limits.ts";
import { encodeFrame } from "./encode.ts";
import { ERROR_CODE, MAX_31_BIT, type SetupFrame } from "./frame.ts";

/** What a client says when it connects. Times are milliseconds, from 1 to 2^31-1. */
export interface SetupOptions {
  /** The form of all data; "application/octet-stream" by default. */
  readonly dataMimeType?: string;
  /** The form of all metadata; "application/octet-stream" by default. */
  readonly metadataMimeType?: string;
  /** How often the client asks for a sign of life. */
  readonly keepAliveMs?: number;
  /** How long either side may be silent before the other gives it up. */
  readonly lifetimeMs?: number;
  /** The data of SETUP, often a credential. */
  readonly data?: Uint8Array;
  /** The metadata of SETUP. */
  readonly metadata?: Uint8Array;
}

/** The version of the protocol: 1.0. */
export const VERSION = { major: 1, minor: 0 } as const;

const DEFAULTS = {
  dataMimeType: "application/octet-stream",
  metadataMimeType: "application/octet-stream",
  keepAliveMs: 20_000,
  lifetimeMs: 90_000,
};

/** The SETUP frame of a client. Throws UsageError ("bad-argument") for times or texts that do not fit. */
export function setupFrame(options: SetupOptions): SetupFrame {
  const { dataMimeType, metadataMimeType, keepAliveMs, lifetimeMs } = { ...DEFAULTS, ...options };
  checkMs("keepAliveMs", keepAliveMs);
  checkMs("lifetimeMs", lifetimeMs);
  if (keepAliveMs >= lifetimeMs) {
    throw new UsageError(
      "bad-argument",
      `Cannot use keepAliveMs ${keepAliveMs} with lifetimeMs ${lifetimeMs}: an idle connection would end before it asks`,
    );
  }
  const frame: SetupFrame = {
    type: "SETUP",
    streamId: 0,
    ...VERSION,
    keepaliveMs: keepAliveMs,
    lifetimeMs,
    lease: false,
    metadataMimeType,
    dataMimeType,
    ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
    data: options.data ?? new Uint8Array(0),
  };
  encodeFrame(frame); // throws here for MIME types that do not fit, before anything is connected
  return frame;
}

function checkMs(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_31_BIT) return;
  throw new UsageError("bad-argument", `Cannot use ${name} ${value}: it must be an integer from 1 to ${MAX_31_BIT}`);
}

/** Why a server refuses a SETUP before the application sees it, or undefined. */
export function setupRefusal(
  setup: SetupFrame,
  limits: Limits = DEFAULT_LIMITS,
): { readonly code: number; readonly text: string } | undefined {
  if (setup.major !== VERSION.major) {
    return { code: ERROR_CODE.UNSUPPORTED_SETUP, text: `version ${setup.major}.${setup.minor} is not supported` };
  }
  if (setup.keepaliveMs === 0) return { code: ERROR_CODE.INVALID_SETUP, text: "the keepalive interval is 0" };
  if (setup.lifetimeMs === 0) return { code: ERROR_CODE.INVALID_SETUP, text: "the max lifetime is 0" };
  if (setup.keepaliveMs < limits.minKeepaliveMs) {
    const text = `a keepalive interval of ${setup.keepaliveMs} ms is under ${limits.minKeepaliveMs} ms`;
    return { code: ERROR_CODE.UNSUPPORTED_SETUP, text };
  }
  if (setup.resumeToken !== undefined) return { code: ERROR_CODE.REJECTED_SETUP, text: "resume is not supported" };
  if (setup.lease) return { code: ERROR_CODE.UNSUPPORTED_SETUP, text: "lease is not supported" };
  return undefined;
}
