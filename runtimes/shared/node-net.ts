/**
 * TCP over node:net, for Node and Deno, and the sockets that TLS over node:tls begins with. It never sends a byte.
 *
 * @module
 */
import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { Tcp, TcpListener } from "../../src/contract/runtime.ts";
import { hostPort } from "../../transports/address.ts";
import { openError } from "./node-errors.ts";
import { addressesOf, NodeLink } from "./node-link.ts";

/** Bytes waiting in a socket above which `send` says to wait. */
export const HIGH_WATER_BYTES = 262_144;
/** How many connections the kernel holds until they are accepted. The kernel's own ceiling is often 4096. */
const BACKLOG = 4_096;

/** The TCP capability. `highWaterBytes` is where `send` begins to return false. */
export function nodeTcp(highWaterBytes: number = HIGH_WATER_BYTES): Tcp {
  const linkOf = (socket: Socket, where: string) => {
    const info = { scheme: "tcp", secure: false, ...addressesOf(socket) };
    return new NodeLink({ socket, raw: socket, info, where, highWaterBytes });
  };
  return {
    connect: async (options) => linkOf(await openSocket(options, highWaterBytes), hostPort(options.host, options.port)),
    listen: (at, accept) => bind(at, highWaterBytes, (socket) => accept(linkOf(socket, "the peer"))),
  };
}

/** A connected socket without listeners and without delay. */
export function openSocket(
  { host, port, signal }: Parameters<Tcp["connect"]>[0],
  highWaterMark: number,
): Promise<Socket> {
  return new Promise<Socket>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const failed = (error: unknown) => reject(openError(error, "connecting to", hostPort(host, port)));
    const options = { host, port, allowHalfOpen: true, highWaterMark };
    let socket: Socket;
    try {
      socket = createConnection(options);
    } catch (error) {
      failed(error);
      return;
    }
    const settle = () => {
      signal?.removeEventListener("abort", giveUp);
      socket.off("connect", connected).off("error", refused);
    };
    const connected = () => {
      settle();
      resolve(socket.setNoDelay(true));
    };
    const refused = (error: Error) => {
      settle();
      socket.destroy();
      failed(error);
    };
    const giveUp = () => {
      settle();
      // A destroyed socket may still have an error to tell, and an error nobody hears ends the process.
      socket.on("error", ignore).destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    socket.on("connect", connected).on("error", refused);
  });
}

/** Binds; each accepted socket is without delay, and paused until somebody listens to its data. */
export function bind(
  { host, port }: { readonly host: string; readonly port: number },
  highWaterMark: number,
  accept: (socket: Socket) => void,
): Promise<TcpListener> {
  return new Promise<TcpListener>((resolve, reject) => {
    const failed = (error: unknown) => reject(openError(error, "listening on", hostPort(host, port)));
    try {
      const server = createServer({ allowHalfOpen: true, highWaterMark });
      server.on("connection", (socket) => accept(socket.setNoDelay(true)));
      server.once("error", failed);
      server.listen({ host, port, backlog: BACKLOG }, () => {
        server.off("error", failed);
        // One connection that could not be accepted (out of descriptors, gone again) says nothing about the next.
        server.on("error", ignore);
        resolve(listenerOf(server, host, port));
      });
    } catch (error) {
      failed(error);
    }
  });
}

function listenerOf(server: Server, host: string, port: number): TcpListener {
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address : { address: host, port };
  return {
    host: bound.address,
    port: bound.port,
    // Not the callback of close(): it waits for the accepted connections too. The port is free at once.
    close() {
      if (server.listening) server.close();
      return Promise.resolve();
    },
  };
}

function ignore(): void {}
