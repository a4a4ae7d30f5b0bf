// A simulated network with one server and one client on it, and the client's frames as text, for tests of the fronts.
// It judges nothing.
import type { Link, LinkSink, Session } from "../../src/contract/link.ts";
import type { Transport } from "../../src/contract/transport.ts";
import {
  type Payload,
  type RequestHandler,
  type RSocket,
  RSocketClient,
  type RSocketOptions,
  RSocketServer,
  type ServerHandler,
} from "../../src/front/rsocket.ts";
import { decodeFrame } from "../../src/rsocket/mod.ts";
import { type Frame } from "../../src/rsocket/frame.ts";
import { LengthPrefix } from "../../src/rsocket/length-prefix.ts";
import { createSimulation, type Shape, simulated, type Simulation } from "../../runtimes/simulated/mod.ts";

/** What a world is made of. */
export interface WorldOptions {
  readonly seed?: number;
  readonly shape?: Partial<Shape>;
  readonly kind?: "bytes" | "messages" | "session";
  /** The server's. */
  readonly handler?: ServerHandler;
  readonly server?: RSocketOptions;
  readonly client?: RSocketOptions;
}

/** What is left when everybody has gone home; all of it should be 0. */
export interface Leftovers {
  readonly wakes: number;
  readonly sockets: number;
}

/** A server, a client that is not connected yet, and the network between them. */
export class World {
  readonly simulation: Simulation;
  readonly server: RSocketServer;
  readonly client: RSocketClient;
  /** The options under which others may be made. */
  readonly options: RSocketOptions;
  #frames: string[] = [];

  constructor(options: WorldOptions = {}) {
    this.simulation = createSimulation(options.seed ?? 1, options.shape === undefined ? {} : { shape: options.shape });
    const { runtime, network } = this.simulation;
    this.options = { runtime, transports: [tapTransport(simulated(network), (line) => this.#frames.push(line))] };
    this.server = new RSocketServer(options.handler ?? {}, { runtime, ...options.server });
    this.client = new RSocketClient("sim://server", { ...this.options, ...options.client });
    void this.server.listen(`sim://server?kind=${options.kind ?? "bytes"}`);
  }

  /** Connects the client, and gives the server's socket once SETUP has been there. */
  async connect(): Promise<RSocket> {
    await this.run(this.client.connect());
    await this.advance(10);
    return this.socket;
  }

  /** The server's end of the latest connection. */
  get socket(): RSocket {
    const socket = [...this.server.sockets].at(-1);
    if (socket === undefined) throw new Error("Cannot give a socket: nobody is connected");
    return socket;
  }

  /** The client's frames since the last call, keepalives left out: "> 1 REQUEST_STREAM n=256 hi", "< 1 PAYLOAD next x". */
  frames(): string[] {
    const frames = this.#frames.filter((line) => !line.includes("KEEPALIVE"));
    this.#frames = [];
    return frames;
  }

  /** Runs until the promise settles. */
  run<T>(promise: Promise<T>, maxVirtualMs?: number): Promise<T> {
    return this.simulation.complete(promise, maxVirtualMs);
  }

  /** What the promise rejects with; what it resolves to is an error here. */
  fails(promise: Promise<unknown>, maxVirtualMs?: number): Promise<unknown> {
    return this.simulation.complete(failureOf(promise), maxVirtualMs);
  }

  advance(ms: number): Promise<void> {
    return this.simulation.advance(ms);
  }

  /** Closes both ends and tells what is left. */
  async close(): Promise<Leftovers> {
    await this.run(Promise.all([this.client.close(), this.server.close()]));
    await this.advance(10_000);
    return { wakes: this.simulation.clock.pending, sockets: this.server.sockets.size };
  }
}

/** What the promise rejects with, without running anything. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then((value) => new Error(`It should fail, but gave ${String(value)}`), (error: unknown) => error);
}

/** The data of a payload as text. */
export function textOf(payload: Payload): string {
  return new TextDecoder().decode(payload.data);
}

/** All items of a stream as texts. */
export async function textsOf(stream: AsyncIterable<Payload>): Promise<string[]> {
  const items: string[] = [];
  for await (const payload of stream) items.push(textOf(payload));
  return items;
}

/** Nothing is left. */
export const NOTHING: Leftovers = { wakes: 0, sockets: 0 };

/** A world whose client is connected. */
export async function connected(
  handler: RequestHandler | ServerHandler = {},
  options: Omit<WorldOptions, "handler"> = {},
): Promise<World> {
  const world = new World({ ...options, handler });
  await world.connect();
  world.frames();
  return world;
}

/** The same transport, with the frames of links that it dials written down. */
export function tapTransport(transport: Transport, tell: (line: string) => void): Transport {
  return {
    ...transport,
    async dial(runtime, url, options) {
      const wire: Link | Session = await transport.dial(runtime, url, options);
      return wire.kind === "session" ? wire : tapped(wire, tell);
    },
  };
}

function tapped(link: Link, tell: (line: string) => void): Link {
  const [out, into] = [reader(link, "> ", tell), reader(link, "< ", tell)];
  const tap = (sink: LinkSink): LinkSink => ({
    chunk(borrowed) {
      into(borrowed);
      sink.chunk(borrowed);
    },
    drain: () => sink.drain(),
    end: () => sink.end(),
    closed: (info) => sink.closed(info),
  });
  return {
    kind: link.kind,
    info: link.info,
    get buffered() {
      return link.buffered;
    },
    start: (sink) => link.start(tap(sink)),
    send(owned) {
      out(owned);
      return link.send(owned);
    },
    pause: () => link.pause(),
    resume: () => link.resume(),
    end: () => link.end(),
    abort: (code) => link.abort(code),
  };
}

function reader(link: Link, mark: string, tell: (line: string) => void): (chunk: Uint8Array) => void {
  if (link.kind === "messages") return (chunk) => tell(mark + frameText(chunk.slice()));
  const prefix = new LengthPrefix();
  return (chunk) => {
    prefix.push(chunk.slice());
    while (prefix.next(0xff_ffff) === 1) tell(mark + frameText(prefix.bytes.slice(prefix.at, prefix.end)));
  };
}

/** A frame in one line. Long data is shown by its length. */
export function frameText(bytes: Uint8Array): string {
  const frame = decodeFrame(bytes);
  if ("fault" in frame) return `? ${frame.fault}`;
  const data = "data" in frame && frame.type !== "KEEPALIVE" && frame.type !== "SETUP" ? short(frame.data) : "";
  return [frame.streamId, frame.type, ...details(frame), data].filter((part) => part !== "").join(" ");
}

function details(frame: Frame): string[] {
  const flags = (["next", "complete", "follows"] as const).filter((flag) => flag in frame && frame[flag as never]);
  const n = "requestN" in frame ? [`n=${frame.requestN}`] : [];
  const code = frame.type === "ERROR" ? [`0x${frame.code.toString(16)}`] : [];
  const metadata = "metadata" in frame && frame.metadata !== undefined ? [`{${short(frame.metadata)}}`] : [];
  return [...n, ...code, ...flags, ...metadata];
}

function short(data: Uint8Array): string {
  return data.length > 60 ? `[${data.length}]` : new TextDecoder().decode(data);
}
