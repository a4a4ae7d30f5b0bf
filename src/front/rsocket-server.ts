/**
 * A server: listens, accepts, and keeps the sockets of its clients.
 *
 * @module
 */
import { PeerError, UsageError } from "../contract/errors.ts";
import type { Link, Session } from "../contract/link.ts";
import type { Listener } from "../contract/transport.ts";
import { discard } from "./dial.ts";
import { establish } from "./establish.ts";
import type { RequestHandler } from "./handler.ts";
import { limitsOf } from "../kit/limits.ts";
import { Pending } from "./pending.ts";
import { runtimeOf, transportOf, urlOf } from "./host.ts";
import { checkConnection, connectionOptions } from "./rsocket-client.ts";
import type { RSocket, RSocketOptions } from "./rsocket-types.ts";
import type { Awaitable } from "./streams.ts";

/** What answers the clients of a server: one handler for all, or one made for each. */
export type ServerHandler = RequestHandler | ((socket: RSocket) => Awaitable<RequestHandler>);

/**
 * An RSocket server over any number of listeners.
 *
 * ```js
 * import { connect, RSocketServer } from "headrace/rsocket";
 * const server = new RSocketServer({ requestResponse: (payload) => payload });
 * await server.listen("memory://one", "memory://two");
 * server.urls.join(" "); // "memory://one memory://two"
 * const client = await connect("memory://two");
 * await client.requestResponse("hello");
 * server.sockets.size; // 1
 * await server.close({ drainMs: 1_000 });
 * server.sockets.size; // 0
 * ```
 */
export class RSocketServer implements AsyncDisposable {
  readonly #handler: ServerHandler;
  readonly #options: RSocketOptions;
  readonly #sockets = new Set<RSocket>();
  readonly #listeners = new Set<Listener>();
  /** Sessions whose first stream has not come. */
  readonly #silent = new Set<Link | Session>();
  readonly #pending: Pending;
  #refused = 0;
  #closed = false;

  /** Throws UsageError ("bad-argument") for options a connection cannot have. */
  constructor(handler: ServerHandler, options: RSocketOptions = {}) {
    this.#handler = handler;
    this.#options = options;
    this.#pending = new Pending(limitsOf(options.limits));
    checkConnection("server", connectionOptions(options));
  }

  /** The clients that are connected now. */
  get sockets(): ReadonlySet<RSocket> {
    return this.#sockets;
  }

  /** Clients that wait to be accepted. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Clients that were closed at once because too many waited: over `maxPendingSetups`, or too many of one address. */
  get refused(): number {
    return this.#refused;
  }

  /** The URLs it listens on, with the real ports. */
  get urls(): readonly string[] {
    return [...this.#listeners].map((listener) => listener.url);
  }

  /** Binds every URL. Rejects with LinkError ("port-in-use") or UsageError; then none of them stays bound. */
  async listen(...urls: string[]): Promise<readonly Listener[]> {
    const bound: Listener[] = [];
    try {
      for (const text of urls) {
        const url = urlOf(text);
        const transport = transportOf(this.#options, url, "listen");
        bound.push(await transport.listen!(runtimeOf(this.#options), url, this.#options, (wire) => this.#take(wire)));
      }
      this.#checkOpen("listen");
    } catch (error) {
      await Promise.all(bound.map((listener) => listener.close()));
      throw error;
    }
    for (const listener of bound) this.#listeners.add(listener);
    return bound;
  }

  /**
   * Serves one link that was accepted elsewhere. Resolves when it speaks, on a session when its first stream came.
   * Rejects with PeerError ("too-many-setups") when too many wait to be accepted; the link is closed then.
   */
  async accept(wire: Link | Session): Promise<RSocket> {
    const handler = this.#handler;
    const leave = this.#enter(wire);
    this.#silent.add(wire);
    try {
      this.#checkOpen("accept");
      const peer = await establish(wire, {
        role: "server",
        runtime: runtimeOf(this.#options),
        handler: (socket) => (typeof handler === "function" ? handler(socket) : handler),
        connection: connectionOptions(this.#options),
        decided: leave,
      });
      this.#checkOpen("accept");
      this.#sockets.add(peer);
      void peer.closed.then(() => this.#sockets.delete(peer));
      return peer;
    } catch (error) {
      leave();
      discard(wire);
      throw error;
    } finally {
      this.#silent.delete(wire);
    }
  }

  /** Stops listening and closes all sockets, each as RSocket.close does. A closed server stays closed. */
  async close(options?: { readonly drainMs?: number }): Promise<void> {
    this.#closed = true;
    for (const wire of this.#silent) discard(wire);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    await Promise.all(listeners.map((listener) => listener.close()));
    await Promise.all([...this.#sockets].map((socket) => socket.close(options)));
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(wire: Link | Session): void {
    // What ends before it speaks has nobody to tell.
    this.accept(wire).catch(() => {});
  }

  /** Takes a place among those who wait. */
  #enter(wire: Link | Session): () => void {
    const leave = this.#pending.enter(wire.info.remote);
    if (leave !== undefined) return leave;
    this.#refused++;
    discard(wire);
    throw new PeerError("too-many-setups", `Cannot accept ${wire.info.remote ?? "a client"}: too many wait already`);
  }

  #checkOpen(what: string): void {
    if (this.#closed) throw new UsageError("wrong-state", `Cannot ${what}: this server was closed; make a new one`);
  }
}

/**
 * Listens on one URL or several, and serves. Rejects with LinkError ("port-in-use") or UsageError; then none stays bound.
 * Port 0 lets the host choose, and `urls` tells which. A function in place of the handler is called for each client.
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("tcp://127.0.0.1:0", (socket) => {
 *   let asked = 0; // of this client
 *   return { requestResponse: () => String(++asked) };
 * });
 * const client = await connect(server.urls);
 * await client.requestResponse("count");
 * const answer = await client.requestResponse("count");
 * new TextDecoder().decode(answer.data); // "2"
 * await client.close();
 * await server.close();
 * ```
 */
export async function serve(
  urls: string | readonly string[],
  handler: ServerHandler,
  options: RSocketOptions = {},
): Promise<RSocketServer> {
  const server = new RSocketServer(handler, options);
  await server.listen(...(typeof urls === "string" ? [urls] : urls));
  return server;
}
