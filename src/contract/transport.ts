/**
 * Transports: a URL and a capability become a Link or a Session. Types only.
 *
 * @module
 */
import type { CloseInfo, Link, Session, TlsOptions } from "./link.ts";
import type { Limits } from "./limits.ts";
import type { Capability, Runtime } from "./runtime.ts";

/** Options of every call that may take long. */
export interface CallOptions {
  /** Ends the call. The call then rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
  /** Ends the call after this many milliseconds with a LinkError of reason "timeout". */
  readonly timeoutMs?: number;
}

/** What dialling and listening take. */
export interface DialOptions extends CallOptions {
  /** Certificates and names, for schemes with TLS. */
  readonly tls?: TlsOptions;
  /** HTTP headers of the request, for schemes that begin with HTTP. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bounds on the peer; what is absent is as in DEFAULT_LIMITS. */
  readonly limits?: Partial<Limits>;
}

/** What listening takes in addition. */
export interface ListenOptions extends DialOptions {
  /** Origins that browsers may connect from. Same origin by default. */
  readonly allowedOrigins?: readonly string[];
}

/** A bound address. */
export interface Listener extends AsyncDisposable {
  /** The URL to dial, with the real port. */
  readonly url: string;
  /** Settles once, when it no longer accepts. */
  readonly closed: Promise<CloseInfo>;
  /** Stops accepting. Links that were accepted live on. */
  close(): Promise<void>;
}

/** One way to carry bytes, known by its URL schemes. */
export interface Transport {
  /** Schemes without the colon: ["tcp"]. */
  readonly schemes: readonly string[];
  /** What a runtime must have to dial, and to listen; `listen` is absent where the transport only dials. */
  readonly needs: { readonly dial: readonly Capability[]; readonly listen?: readonly Capability[] };
  /** Connects. Rejects with a LinkError, or a UsageError when the URL cannot mean anything. */
  dial(runtime: Runtime, url: URL, options: DialOptions): Promise<Link | Session>;
  /** Binds and accepts. Rejects with a LinkError (port in use), or a UsageError. */
  listen?(
    runtime: Runtime,
    url: URL,
    options: ListenOptions,
    accept: (accepted: Link | Session) => void,
  ): Promise<Listener>;
}
