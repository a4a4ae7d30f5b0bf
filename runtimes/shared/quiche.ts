/**
 * The QUIC engine of Node, Deno and Bun: Cloudflare's quiche as the optional package @matrixai/quic ships it, bound to
 * the engine contract. It never opens a socket, and none of quiche's exceptions leaves it except from `configure`.
 *
 * @module
 */
import type { Quiche } from "@matrixai/quic/native/quiche.js";
import type { Config, Connection, ConnectionError, Host, RecvInfo } from "@matrixai/quic/native/types.js";
import { UsageError } from "../../src/contract/errors.ts";
import type {
  AcceptOptions,
  ConnectOptions,
  EngineConnection,
  QuicConfig,
  QuicEndpoint,
  QuicEngine,
  QuicError,
  QuicPath,
  QuicStats,
  StreamFault,
  StreamRead,
} from "../../src/quic/engine.ts";

const packageName = "@matrixai/quic";
/** How many connection ids a peer may give this side: one in use, and one to follow it. The least QUIC allows. */
const activeConnectionIds = 2;

/**
 * Loads the engine. Rejects with a UsageError "missing-package" when the package, or its native part for this platform,
 * is not there. `load` is what is imported.
 */
export async function loadQuiche(
  load: () => Promise<{ default: unknown }> = () => import("@matrixai/quic/native/quiche.js"),
): Promise<QuicEngine> {
  let quiche: Quiche;
  try {
    quiche = (await load()).default as Quiche;
  } catch (cause) {
    throw new UsageError(
      "missing-package",
      `QUIC needs the package ${packageName}, which cannot be loaded here. Install it with: npm install ${packageName}`,
      { cause },
    );
  }
  return {
    name: "quiche",
    version: "0.18.0",
    readsClock: true,
    configure: (config) => configure(quiche, config),
  };
}

function configure(quiche: Quiche, config: QuicConfig): QuicEndpoint {
  const settings = settingsOf(quiche, config);
  const maxPacketBytes = config.parameters.maxSendPacketBytes;
  return {
    connect({ connectionId, path, serverName }: ConnectOptions) {
      const [local, remote] = hostsOf(path);
      const connection = usable(() => quiche.Connection.connect(serverName, connectionId, local, remote, settings));
      return new QuicheConnection(quiche, "client", connection, { from: remote, to: local }, maxPacketBytes);
    },
    accept({ connectionId, path, originalId }: AcceptOptions) {
      const [local, remote] = hostsOf(path);
      const connection = usable(() =>
        quiche.Connection.accept(connectionId, originalId ?? null, local, remote, settings)
      );
      return new QuicheConnection(quiche, "server", connection, { from: remote, to: local }, maxPacketBytes);
    },
  };
}

function settingsOf(quiche: Quiche, { tls, alpn, parameters }: QuicConfig): Config {
  const pem = (text: string | undefined) => text === undefined ? null : new TextEncoder().encode(text);
  const [ca, key, chain] = [pem(tls.certificateAuthorities), pem(tls.privateKey), pem(tls.certificateChain)];
  const settings = usable(() =>
    quiche.Config.withBoringSslCtx(tls.verifyPeer, !tls.verifyPeer, ca, key && [key], chain && [chain], null)
  );
  usable(() => settings.setApplicationProtos([...alpn]));
  settings.setMaxIdleTimeout(parameters.maxIdleTimeoutMs);
  settings.setMaxRecvUdpPayloadSize(parameters.maxReceivePacketBytes);
  settings.setMaxSendUdpPayloadSize(parameters.maxSendPacketBytes);
  settings.setInitialMaxData(parameters.connectionWindowBytes);
  settings.setMaxConnectionWindow(parameters.maxConnectionWindowBytes);
  settings.setInitialMaxStreamDataBidiLocal(parameters.streamWindowBytes);
  settings.setInitialMaxStreamDataBidiRemote(parameters.streamWindowBytes);
  settings.setInitialMaxStreamDataUni(parameters.streamWindowBytes);
  settings.setMaxStreamWindow(parameters.maxStreamWindowBytes);
  settings.setInitialMaxStreamsBidi(parameters.maxBidirectionalStreams);
  settings.setInitialMaxStreamsUni(parameters.maxUnidirectionalStreams);
  settings.setMaxAckDelay(parameters.maxAckDelayMs);
  const datagrams = parameters.datagramQueueCount;
  settings.enableDgram(datagrams > 0, datagrams, datagrams);
  // What bounds this old release from outside: the README of src/quic says against what.
  settings.setActiveConnectionIdLimit(activeConnectionIds);
  settings.setDisableActiveMigration(true);
  settings.enablePacing(false); // Nothing below could honour the times yet.
  return settings;
}

/** Turns quiche's exceptions about arguments into the caller's. */
function usable<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("bad-argument", `quiche refuses the QUIC configuration: ${why}`, { cause });
  }
}

function hostsOf(path: QuicPath): readonly [Host, Host] {
  return [{ host: path.localAddress, port: path.localPort }, { host: path.remoteAddress, port: path.remotePort }];
}

/** One quiche connection on one fixed path. */
class QuicheConnection implements EngineConnection {
  readonly role: "client" | "server";
  readonly maxPacketBytes: number;
  readonly #quiche: Connection;
  /** Every packet comes this way, as far as quiche knows: there is one path, and no migration. */
  readonly #path: RecvInfo;
  readonly #shutdown: Quiche["Shutdown"];

  constructor(
    module: Quiche,
    role: "client" | "server",
    quiche: Connection,
    path: RecvInfo,
    maxPacketBytes: number,
  ) {
    this.role = role;
    this.#quiche = quiche;
    this.#path = path;
    this.#shutdown = module.Shutdown;
    this.maxPacketBytes = maxPacketBytes;
  }

  get established(): boolean {
    return this.#quiche.isEstablished();
  }

  get draining(): boolean {
    return this.#quiche.isDraining();
  }

  get closed(): boolean {
    return this.#quiche.isClosed();
  }

  get timedOut(): boolean {
    return this.#quiche.isTimedOut();
  }

  get alpn(): string {
    return new TextDecoder().decode(this.#quiche.applicationProto());
  }

  get peerCertificates(): readonly Uint8Array[] {
    return this.#quiche.peerCertChain() ?? [];
  }

  get peerError(): QuicError | undefined {
    return errorOf(this.#quiche.peerError());
  }

  get localError(): QuicError | undefined {
    return errorOf(this.#quiche.localError());
  }

  get maxDatagramBytes(): number {
    return this.#quiche.dgramMaxWritableLen() ?? 0;
  }

  receivePacket(packet: Uint8Array): boolean {
    const taken = attempt(() => this.#quiche.recv(packet, this.#path)) !== undefined;
    // Path events and retired ids queue up without bound in this release, as fast as a peer likes, unless taken out.
    while (attempt(() => this.#quiche.pathEventNext() as unknown)) continue;
    while (attempt(() => this.#quiche.retiredScidNext())) continue;
    return taken;
  }

  sendPacket(into: Uint8Array): number {
    return attempt(() => this.#quiche.send(into))?.[0] ?? 0;
  }

  timeoutMs(): number | undefined {
    const wholeMs = this.#quiche.timeout();
    return wholeMs === null ? undefined : wholeMs + 1; // quiche rounds down, and would be asked too early.
  }

  onTimeout(): void {
    this.#quiche.onTimeout();
  }

  readable(): readonly number[] {
    return this.#quiche.isReadable() ? [...this.#quiche.readable()] : []; // Iterators are dear across the binding.
  }

  streamSend(id: number, bytes: Uint8Array, fin: boolean): number | StreamFault {
    try {
      return this.#quiche.streamSend(id, bytes, fin) ?? 0;
    } catch (error) {
      return faultOf(error);
    }
  }

  streamReceive(id: number, into: Uint8Array): StreamRead | StreamFault | undefined {
    try {
      const read = this.#quiche.streamRecv(id, into);
      return read === null ? undefined : { length: read[0], fin: read[1] };
    } catch (error) {
      return faultOf(error);
    }
  }

  streamShutdown(id: number, direction: "read" | "write", code: number): boolean {
    const which = direction === "read" ? this.#shutdown.Read : this.#shutdown.Write;
    return attempt(() => this.#quiche.streamShutdown(id, which, code) === null ? "done" : "shut") === "shut";
  }

  streamCapacity(id: number): number | StreamFault {
    try {
      return this.#quiche.streamCapacity(id);
    } catch (error) {
      return faultOf(error);
    }
  }

  streamsLeft(unidirectional: boolean): number {
    return unidirectional ? this.#quiche.peerStreamsLeftUni() : this.#quiche.peerStreamsLeftBidi();
  }

  sendDatagram(bytes: Uint8Array): boolean {
    if (this.#quiche.isDgramSendQueueFull()) return false;
    return attempt(() => {
      this.#quiche.dgramSend(bytes);
      return true;
    }) ?? false;
  }

  receiveDatagram(): Uint8Array | undefined {
    if (this.#quiche.dgramRecvQueueLen() === 0) return undefined;
    return attempt(() => this.#quiche.dgramRecvVec()) ?? undefined;
  }

  close(code: number, reason: Uint8Array): void {
    attempt(() => this.#quiche.close(true, code, reason));
  }

  stats(): QuicStats {
    const { recv, sent, lost, recvBytes, sentBytes } = this.#quiche.stats();
    return {
      packetsReceived: recv,
      packetsSent: sent,
      packetsLost: lost,
      bytesReceived: recvBytes,
      bytesSent: sentBytes,
    };
  }
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}

function errorOf(error: ConnectionError | null): QuicError | undefined {
  if (error === null) return undefined;
  return { application: error.isApp, code: error.errorCode, reason: Uint8Array.from(error.reason) };
}

/** quiche tells its errors by name in the message: "StreamReset(42)". */
function faultOf(error: unknown): StreamFault {
  const [, name, code] = /^(\w+)(?:\((\d+)\))?/.exec(error instanceof Error ? error.message : "") ?? [];
  switch (name) {
    case "StreamReset":
      return { fault: "reset", code: Number(code) };
    case "StreamStopped":
      return { fault: "stopped", code: Number(code) };
    case "StreamLimit":
      return { fault: "limit", code: 0 };
    default:
      return { fault: "gone", code: 0 };
  }
}
