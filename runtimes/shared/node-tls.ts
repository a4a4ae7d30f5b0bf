/**
 * TLS over node:tls, for Node, Deno and Bun. It never gives out a link before the peer was verified.
 *
 * @module
 */
import { createHash, X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect as startTls,
  type ConnectionOptions,
  createServer,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import type { Link, LinkInfo, TlsOptions } from "../../src/contract/link.ts";
import type { TcpListener, Tls } from "../../src/contract/runtime.ts";
import { hostPort } from "../../transports/address.ts";
import { CipherTap } from "./cipher-tap.ts";
import { addressesOf, NodeLink } from "./node-link.ts";
import { bind, HIGH_WATER_BYTES, openSocket } from "./node-net.ts";
import { brokenError, certificateError, handshakeError, lateError, pinError } from "./tls-errors.ts";
import { checkTlsOptions, pemsOf } from "./tls-material.ts";

/** How long a handshake may take, on both sides, counted from the open TCP connection. */
const HANDSHAKE_MS = 10_000;
const OLDEST = "TLSv1.2";

/** What differs between hosts and tests. */
export interface NodeTlsOptions {
  readonly highWaterBytes?: number;
  readonly handshakeMs?: number;
  /** Puts a tap below TLS, for a host whose TLS does not stop reading when paused. */
  readonly tap?: boolean;
}

/** A TCP connection and what TLS is given of it. */
export interface Below {
  readonly raw: Socket;
  readonly tap?: CipherTap;
}

/** A connection whose peer was verified, for whoever speaks above TLS. */
export interface Secured {
  readonly socket: TLSSocket;
  readonly lower: Below;
  /** What the peer showed, leaf first. */
  readonly certificates: readonly Uint8Array[];
}

type Settings = Required<NodeTlsOptions>;

/** The TLS capability. */
export function nodeTls(options: NodeTlsOptions = {}): Tls {
  const settings = settingsOf(options);
  return {
    connect(to) {
      const parts = { where: hostPort(to.host, to.port), showedCertificate: to.tls.cert !== undefined };
      return openTls(to, (secured) => linkOf(secured, settings, parts), options);
    },
    listen(to, accept) {
      const parts = { where: "the peer", showedCertificate: false };
      return listenTls(to, (secured) => accept(linkOf(secured, settings, parts)), options);
    },
  };
}

/** Opens a connection and verifies its peer. `make` is called before anything of what is above TLS was read. */
export async function openTls<T>(to: To, make: (secured: Secured) => T, options: NodeTlsOptions = {}): Promise<T> {
  checkTlsOptions(to.tls);
  const settings = settingsOf(options);
  const raw = await openSocket(to, settings.highWaterBytes);
  return await handshake(below(raw, settings), to, settings, make);
}

function settingsOf(options: NodeTlsOptions): Settings {
  return { highWaterBytes: HIGH_WATER_BYTES, handshakeMs: HANDSHAKE_MS, tap: false, ...options };
}

function below(raw: Socket, { tap }: Settings): Below {
  return tap ? { raw, tap: new CipherTap(raw) } : { raw };
}

type To = Parameters<Tls["connect"]>[0];
type ListenTo = Parameters<Tls["listen"]>[0];

function handshake<T>(lower: Below, to: To, settings: Settings, make: (secured: Secured) => T): Promise<T> {
  const { tls, signal } = to;
  const where = hostPort(to.host, to.port);
  return new Promise<T>((resolve, reject) => {
    const socket = startTls({ socket: lower.tap ?? lower.raw, ...clientOptions(to, settings) });
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      socket.off("secureConnect", secured).off("error", failed).off("close", closed);
    };
    const fail = (reason: unknown) => {
      settle();
      socket.on("error", ignore).destroy();
      lower.raw.on("error", ignore).destroy();
      reject(reason);
    };
    const giveUp = () => fail(signal?.reason);
    const failed = (error: Error) => fail(handshakeError(error, where));
    const closed = () => failed(Object.assign(new Error("closed"), { code: "ECONNRESET" }));
    const secured = () => {
      const certificates = certificatesOf(socket);
      const refusal = judge(socket, certificates, tls, where);
      if (refusal !== undefined) return fail(refusal);
      setImmediate(() => {
        if (socket.destroyed) return;
        if (!isConnected(lower.raw)) return closed();
        settle();
        resolve(make({ socket, lower, certificates }));
      });
    };
    const timer = setTimeout(() => fail(lateError(where, settings.handshakeMs)), settings.handshakeMs);
    signal?.addEventListener("abort", giveUp, { once: true });
    socket.on("secureConnect", secured).on("error", failed).on("close", closed);
    if (signal?.aborted === true) giveUp();
  });
}

/**
 * To be asked a turn after a handshake. A reset that meets the last write of Node's handshake is swallowed: the socket
 * then tells an end, and no write on it ever completes (Node 20). But a socket that was reset has no peer any more.
 */
function isConnected(raw: Socket): boolean {
  return !raw.destroyed && raw.remoteAddress !== undefined;
}

function clientOptions({ host, tls }: To, { highWaterBytes }: Settings): ConnectionOptions {
  const name = tls.serverName ?? host;
  const pinned = isPinning(tls);
  // The last two are Duplex's, and go through.
  const options = {
    ...(tls.ca !== undefined && { ca: pemsOf(tls.ca) }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    host: name,
    // No SNI for an address (RFC 6066, section 3); the certificate is checked against it all the same.
    servername: isIP(name) === 0 ? name : "",
    // `judge` is the only door: hosts name the same failure differently, and a pinned peer needs no authority.
    rejectUnauthorized: false,
    checkServerIdentity: (_: string, shown: PeerCertificate) => pinned ? undefined : checkServerIdentity(name, shown),
    minVersion: OLDEST,
    allowHalfOpen: true,
    highWaterMark: highWaterBytes,
  } as const;
  return options;
}

/** Whether hashes replace the authorities. An empty list does not, as in WebTransport. */
function isPinning(tls: TlsOptions): tls is TlsOptions & Required<Pick<TlsOptions, "certificateHashes">> {
  return (tls.certificateHashes?.length ?? 0) > 0;
}

/** Why this peer is not the one that was asked for, or undefined. */
function judge(
  socket: TLSSocket,
  certificates: readonly Uint8Array[],
  tls: TlsOptions,
  where: string,
): Error | undefined {
  const [der] = certificates;
  const leaf = der && new X509Certificate(der);
  if (!isPinning(tls)) {
    if (socket.authorized && leaf !== undefined) return undefined;
    return certificateError(String(socket.authorizationError ?? "no certificate"), leaf, Date.now(), where);
  }
  const actual = der && createHash("sha256").update(der).digest();
  const isPinned = actual !== undefined && tls.certificateHashes.some((hash) => actual.equals(hash));
  return pinError(leaf, isPinned, Date.now(), where);
}

/** The certificates the peer showed, leaf first. Node adds the root it knows, which the peer did not show. */
function certificatesOf(socket: TLSSocket): Uint8Array[] {
  const found: Uint8Array[] = [];
  // Without a certificate it is empty, whatever its type says.
  let at: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true);
  while (at?.raw !== undefined) {
    const issuer: Partial<DetailedPeerCertificate> | undefined = at.issuerCertificate;
    const isRoot = issuer === at || issuer?.raw === undefined || Buffer.compare(at.raw, issuer.raw) === 0;
    if (!isRoot || found.length === 0) found.push(new Uint8Array(at.raw));
    if (isRoot) break;
    at = issuer;
  }
  return found;
}

function linkOf(
  { socket, lower: { raw, tap }, certificates: peerCertificates }: Secured,
  { highWaterBytes }: Settings,
  { where, showedCertificate }: { readonly where: string; readonly showedCertificate: boolean },
): Link {
  const { alpnProtocol } = socket;
  const info: LinkInfo = {
    scheme: "tls",
    secure: true,
    ...addressesOf(raw),
    ...(typeof alpnProtocol === "string" && alpnProtocol !== "" && { alpn: alpnProtocol }),
    ...(peerCertificates.length > 0 && { peerCertificates }),
  };
  return new NodeLink({
    socket,
    raw,
    info,
    where,
    highWaterBytes,
    endIsRefusal: showedCertificate,
    explain: (cause, peer, silent) => brokenError(cause, peer, silent && showedCertificate),
    ...(tap !== undefined && { hold: (on) => tap.hold(on) }),
  });
}

/** Listens, and calls `take` in the turn in which a connection is secure. */
export async function listenTls(
  { host, port, tls }: ListenTo,
  take: (secured: Secured) => void,
  options: NodeTlsOptions = {},
): Promise<TcpListener> {
  checkTlsOptions(tls);
  const settings = settingsOf(options);
  /** Connections that are not yet secure, with what ends their time limits. */
  const waiting = new Map<Socket, () => void>();
  const upgrade = upgrader(tls, settings, (socket, lower) => {
    socket.on("error", ignore);
    setImmediate(() => {
      waiting.get(lower.raw)?.();
      if (socket.destroyed || !isConnected(lower.raw)) lower.raw.destroy();
      else take({ socket, lower, certificates: certificatesOf(socket) });
    });
  });
  const listener = await bind({ host, port }, settings.highWaterBytes, (raw) => {
    const timer = setTimeout(() => raw.destroy(), settings.handshakeMs);
    const settle = () => {
      clearTimeout(timer);
      waiting.delete(raw);
    };
    waiting.set(raw, settle);
    raw.on("error", ignore).once("close", settle);
    upgrade(below(raw, settings));
  });
  return {
    ...listener,
    async close() {
      await listener.close();
      for (const raw of waiting.keys()) raw.destroy();
    },
  };
}

/**
 * Makes TLS of accepted TCP connections. The servers of node:tls never listen themselves: the sockets come from a server
 * of node:net, so that they can be reset. What a client does wrong ends its connection and nothing else.
 */
function upgrader(
  { ca, cert, key }: TlsOptions,
  { handshakeMs, highWaterBytes, tap }: Settings,
  secured: (socket: TLSSocket, lower: Below) => void,
): (lower: Below) => void {
  const options = {
    ...(ca !== undefined && { ca: pemsOf(ca), requestCert: true, rejectUnauthorized: true }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    minVersion: OLDEST,
    allowHalfOpen: true,
    highWaterMark: highWaterBytes,
    // The limit is kept below, where the socket can be ended; this one only speaks.
    handshakeTimeout: 2 * handshakeMs,
  } as const;
  const server = (lowerOf: (socket: TLSSocket) => Below) =>
    createServer(options)
      .on("tlsClientError", (_error, socket) => void socket.on("error", ignore).destroy())
      .on("secureConnection", (socket) => secured(socket, lowerOf(socket)));
  if (!tap) {
    const shared = server(belowOf);
    return ({ raw }) => void shared.emit("connection", raw);
  }
  // No name leads from a TLS socket to the tap below it, so each has a server of its own; on Deno that is 0.3 ms.
  return (lower) => void server(() => lower).emit("connection", lower.tap?.on("error", ignore));
}

/** What is below a TLS socket of a server. Node and Bun both have this name; no public one leads there. */
function belowOf(socket: TLSSocket): Below {
  const { _parent: raw } = socket as { readonly _parent?: Socket };
  if (raw === undefined) throw new Error("This host's node:tls does not tell the socket below a TLS socket.");
  return { raw };
}

function ignore(): void {}
