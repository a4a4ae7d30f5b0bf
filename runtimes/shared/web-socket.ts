/**
 * The WebSocket class that hosts have (browsers, Bun, Deno's server side) as links. Where the host can pause it is
 * asked to; where it cannot, what is held is bounded. It never sends text.
 *
 * @module
 */
import { type HeadraceError, LinkError } from "../../src/contract/errors.ts";
import type { Link, LinkInfo } from "../../src/contract/link.ts";
import type { WebSocketDialer } from "../../src/contract/runtime.ts";
import { ABNORMAL, MessageLink, type MessageWire, NORMAL } from "./message-link.ts";
import { openError } from "./node-errors.ts";
import { certificateError } from "./tls-errors.ts";

/** A WebSocket of the host, as far as it is used. The last three are Bun's. */
export interface HostWebSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  send(bytes: Uint8Array): void;
  close(code?: number): void;
  addEventListener<Type extends keyof HostEvents>(type: Type, hear: (event: HostEvents[Type]) => void): void;
  removeEventListener<Type extends keyof HostEvents>(type: Type, hear: (event: HostEvents[Type]) => void): void;
  terminate?(): void;
  pause?(): void;
  resume?(): void;
}

/** What it tells. */
export interface HostEvents {
  readonly open: object;
  readonly message: { readonly data: unknown };
  readonly error: HostErrorEvent;
  readonly close: { readonly code: number; readonly reason: string };
}

/** What hosts tell of a failure: a browser nothing at all, Bun a message and often an errno name. */
export interface HostErrorEvent {
  readonly message?: string;
  readonly error?: unknown;
}

type DialOptions = Parameters<WebSocketDialer["connect"]>[0];

const OPEN = 1;
/** Where the host only lets a program close with 1000 or a code of its own, 1003 becomes 4003. */
const OWN_CODES = 3_000;
/** The code of RFC 6455's 1006 (never sent) as one of its own: this side gave up, and the host cannot break off. */
const GIVEN_UP = ABNORMAL + OWN_CODES;
const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 16;

/** Dials with what `make` makes. Rejects with LinkErrors, and with whatever `make` throws. */
export function dialHostWebSocket(options: DialOptions, make: () => HostWebSocket): Promise<Link> {
  const { url, maxMessageBytes, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = make();
    const settle = () => {
      signal?.removeEventListener("abort", giveUp);
      socket.removeEventListener("open", opened);
      socket.removeEventListener("error", failed);
      socket.removeEventListener("close", lost);
    };
    const giveUp = () => {
      settle();
      // One that opens later all the same has nobody to talk to.
      socket.addEventListener("open", () => socket.close(NORMAL));
      if (socket.terminate === undefined) socket.close();
      else socket.terminate();
      reject(signal?.reason);
    };
    const failed = (event: HostErrorEvent) => {
      settle();
      reject(handshakeError(url, event));
    };
    const lost = () => failed({});
    const opened = () => {
      settle();
      const scheme = url.protocol.slice(0, -1);
      const info: LinkInfo = { scheme, secure: scheme === "wss", remote: remoteOf(url) };
      resolve(hostWebSocketLink(socket, info, maxMessageBytes));
    };
    socket.addEventListener("open", opened);
    socket.addEventListener("error", failed);
    socket.addEventListener("close", lost);
    signal?.addEventListener("abort", giveUp, { once: true });
  });
}

/** The link over an open WebSocket of the host, or one that is just opening on the server's side. */
export function hostWebSocketLink(socket: HostWebSocket, info: LinkInfo, maxMessageBytes: number): MessageLink {
  const wire = new WebWire(socket);
  const link = new MessageLink(wire, { info, where: info.remote ?? "the peer", maxMessageBytes });
  wire.link = link;
  let cause: Error | undefined;
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    if (data instanceof ArrayBuffer) link.arrived(new Uint8Array(data));
    else link.text();
    link.relieved();
  });
  socket.addEventListener("error", ({ error }) => {
    if (error instanceof Error) cause ??= error;
  });
  socket.addEventListener("close", ({ code, reason }) => link.gone(code === 0 ? ABNORMAL : code, reason, cause));
  wire.pause?.();
  return link;
}

/** The host copies or masks into memory of its own, and counts in `bufferedAmount` what has not left. */
class WebWire implements MessageWire {
  link: MessageLink | undefined;
  readonly pause?: () => void;
  readonly resume?: () => void;
  readonly #socket: HostWebSocket;
  #looking = false;

  constructor(socket: HostWebSocket) {
    this.#socket = socket;
    if (socket.pause === undefined) return;
    this.pause = () => socket.pause?.();
    this.resume = () => socket.resume?.();
  }

  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(bytes);
  }

  close(code: number): void {
    this.#socket.close(code === NORMAL || this.#socket.terminate !== undefined ? code : code + OWN_CODES);
  }

  terminate(): void {
    if (this.#socket.terminate !== undefined) return this.#socket.terminate();
    // The closing handshake may take as long as the peer likes; nobody waits for it.
    this.#socket.close(GIVEN_UP);
    queueMicrotask(() => this.link?.gone(ABNORMAL, ""));
  }

  /** No host tells when there is room again, so it is looked at, ever less often while nothing changes. */
  watch(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#look(FIRST_LOOK_MS);
  }

  #look(afterMs: number): void {
    const before = this.buffered;
    setTimeout(() => {
      this.link?.relieved();
      if (this.#socket.readyState !== OPEN || !this.link?.isWaiting) {
        this.#looking = false;
        return;
      }
      this.#look(this.buffered < before ? FIRST_LOOK_MS : Math.min(2 * afterMs, LAST_LOOK_MS));
    }, afterMs);
  }
}

function handshakeError(url: URL, { message = "the host does not say why", error }: HostErrorEvent): HeadraceError {
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  const cause = error ?? new Error(message);
  const status = /101 status code: (\d{3})/.exec(message)?.[1];
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (message.includes("TLS handshake failed")) {
    return certificateError(code === "EPROTO" ? message : code, undefined, 0, shown);
  }
  const other = code === "" && /mismatch|invalid|missing|upgrade|extension/i.test(message) || code.startsWith("HPE_");
  if (status === undefined && !other) return openError(cause, "connecting to", shown);
  const is = status === undefined
    ? `the server does not speak WebSocket as it should (${message})`
    : `the server answered ${status} instead of opening a WebSocket`;
  const text = `Connecting to ${shown} failed: ${is}. Check the address, the path and what the server asks for.`;
  return new LinkError("link-refused", "refused", text, { cause });
}

function remoteOf(url: URL): string {
  return url.port === "" ? `${url.hostname}:${url.protocol === "wss:" ? 443 : 80}` : url.host;
}
