/**
 * A server: listens, accepts, and keeps the sockets of its clients.
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";
import type { Link, Session } from "../contract/link.ts";
import type { Listener } from "../contract/transport.ts";
import { discard } from "./dial.ts";
import { establish } from "./establish.ts";
import type { RequestHandler } from "./handler.ts";
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
 * import { RSocketServer } from "headrace/rsocket";
 * const server = new RSocketServer({ requestResponse: (payload) => payload });
 * server.sockets.size; // 0
 * await server.close();
 * ```
 */
export class RSocketServer implements AsyncDisposable {
  readonly #handler: ServerHandler;
  readonly #options: RSocketOptions;
  readonly #sockets = new Set<RSocket>();
  readonly #listeners = new Set<Listener>();
  /** Sessions whose first stream has not come. */
  readonly #silent = new Set<Link | Session>();
  #closed = false;

  /** Throws UsageError ("bad-argument") for options a connection cannot have. */
  constructor(handler: ServerHandler, options: RSocketOptions = {}) {
    this.#handler = handler;
    this.#options = options;
    checkConnection("server", connectionOptions(options));
  }

  /** The clients that are connected now. */
  get sockets(): ReadonlySet<RSocket> {
    return this.#sockets;
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

  /** Serves one link that was accepted elsewhere. Resolves when it speaks, on a session when its first stream came. */
  async accept(wire: Link | Session): Promise<RSocket> {
    const handler = this.#handler;
    this.#silent.add(wire);
    try {
      this.#checkOpen("accept");
      const peer = await establish(wire, {
        role: "server",
        runtime: runtimeOf(this.#options),
        handler: (socket) => (typeof handler === "function" ? handler(socket) : handler),
        connection: connectionOptions(this.#options),
      });
      this.#checkOpen("accept");
      this.#sockets.add(peer);
      void peer.closed.then(() => this.#sockets.delete(peer));
      return peer;
    } catch (error) {
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(wire: Link | Session): void {
    // What ends before it speaks has nobody to tell.
    this.accept(wire).catch(() => {});
  }

  #checkOpen(what: string): void {
    if (this.#closed) throw new UsageError("wrong-state", `Cannot ${what}: this server was closed; make a new one`);
  }
}

/** Listens on one URL or several, and serves. Rejects with LinkError or UsageError. */
export async function serve(
  urls: string | readonly string[],
  handler: ServerHandler,
  options: RSocketOptions = {},
): Promise<RSocketServer> {
  const server = new RSocketServer(handler, options);
  await server.listen(...(typeof urls === "string" ? [urls] : urls));
  return server;
}
