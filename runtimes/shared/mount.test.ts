// RSocket on a program's own HTTP server, beside its pages: each host's, and the frameworks that run on it.
import { describe, expect, it } from "#test";
import { runtime } from "#runtime";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import express from "express";
import { fastify } from "fastify";
import { type Context, Hono } from "hono";
import { serve as serveHono } from "@hono/node-server";
import { makeCertificates } from "../../conformance/certificates/certificates.ts";
import type { Link } from "../../src/contract/link.ts";
import { connect, RSocketServer } from "../../src/front/rsocket.ts";
import { upgradeWebSocket } from "../deno/upgrade.ts";
import { mountWebSocket as mountBun } from "../bun/websocket-server.ts";
import type { BunServeOptions, BunServer } from "../bun/host.ts";
import { mountWebSocket } from "./ws-server.ts";

/** What differs between the hosts; a test on the wrong one is skipped. */
const { name } = runtime;
const onNode = name === "bun" ? it.skipBecause.bind(it, "Bun has no server of node:http that ws can take over") : it;
const onDeno = name === "deno" ? it : it.skipBecause.bind(it, "there is no Deno.serve here");
const onBun = name === "bun" ? it : it.skipBecause.bind(it, "there is no Bun.serve here");

const options = { path: "/rsocket" };
const host = "127.0.0.1";

interface DenoServe {
  serve(
    options: { readonly port: number; readonly hostname: string; onListen(): void },
    handler: (request: Request, from: { readonly remoteAddr: object }) => Response | Promise<Response>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
}

function echo(): RSocketServer {
  return new RSocketServer({ requestResponse: (payload) => payload }, { runtime });
}

/** The page is still there, other paths and origins are refused, and RSocket works; then everything is closed. */
async function check(port: number, server: RSocketServer, stop: () => unknown): Promise<void> {
  try {
    expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe("a page");
    const client = await connect(`ws://${host}:${port}/rsocket?a=1`, { runtime });
    const { data } = await client.requestResponse("hello");
    expect(new TextDecoder().decode(data)).toBe("hello");
    await client.close();
    await expect(connect(`ws://${host}:${port}/elsewhere`, { runtime })).rejects.toMatchObject({
      code: "link-refused",
    });
  } finally {
    await server.close();
    await stop();
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    })
  );
}

function closing(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

describe("mounting into node:http", () => {
  onNode("serves beside a page", async () => {
    const server = createServer((_request, response) => response.end("a page"));
    const sockets = echo();
    const off = await mountWebSocket(server, (link) => sockets.accept(link), options);
    await check(await listening(server), sockets, () => closing(server));
    off();
    expect(server.listenerCount("upgrade")).toBe(0);
  });

  onNode("serves over TLS, and gives a link up", async () => {
    const { ca, server: material } = await makeCertificates();
    const server = createSecureServer(material, (_request, response) => response.end("a page"));
    const links: Link[] = [];
    await mountWebSocket(server, (link) => void links.push(link), options);
    const url = `wss://${host}:${await listening(server)}/rsocket`;
    const client = await connect(url, { runtime, tls: { ca } });
    expect(links[0]?.info).toMatchObject({ scheme: "wss", secure: true });
    links[0]?.abort();
    expect((await client.closed).error).toMatchObject({ code: "link-reset" });
    await closing(server);
  });

  onNode("leaves other paths to the program's own listeners", async () => {
    const server = createServer();
    const seen: (string | undefined)[] = [];
    server.on("upgrade", (request, socket) => {
      seen.push(request.url);
      if (request.url === "/own") socket.end("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n");
    });
    const sockets = echo();
    await mountWebSocket(server, (link) => sockets.accept(link), options);
    const port = await listening(server);
    const own = connect(`ws://${host}:${port}/own`, { runtime });
    await expect(own).rejects.toThrow("418");
    const client = await connect(`ws://${host}:${port}/rsocket`, { runtime });
    await client.close();
    expect(seen).toEqual(["/own", "/rsocket"]);
    await sockets.close();
    await closing(server);
  });

  onNode("gives up a link that the program does not take", async () => {
    const server = createServer();
    await mountWebSocket(server, () => Promise.reject(new Error("not today")), options);
    const port = await listening(server);
    const client = await connect(`ws://${host}:${port}/rsocket`, { runtime });
    expect((await client.closed).error).toMatchObject({ code: "link-reset" });
    await closing(server);
  });

  onNode("serves beside Express", async () => {
    const app = express();
    app.get("/", (_request, response) => void response.send("a page"));
    const sockets = echo();
    const server = createServer(app);
    await mountWebSocket(server, (link) => sockets.accept(link), options);
    await check(await listening(server), sockets, () => closing(server));
  });

  onNode("serves beside Fastify", async () => {
    const app = fastify({ forceCloseConnections: true });
    app.get("/", () => "a page");
    const sockets = echo();
    await mountWebSocket(app.server, (link) => sockets.accept(link), options);
    await app.listen({ port: 0, host });
    const [address] = app.addresses();
    await check(typeof address === "object" ? address.port : 0, sockets, () => app.close());
  });

  onNode("serves beside Hono", async () => {
    const app = new Hono().get("/", (cx) => cx.text("a page"));
    const sockets = echo();
    // Otherwise it replaces the global Response, which Deno.serve would refuse afterwards.
    const own = { overrideGlobalObjects: false };
    let server: Server | undefined;
    const port = await new Promise<number>((resolve) => {
      server = serveHono({ ...own, fetch: app.fetch, hostname: host, port: 0 }, (info) => resolve(info.port)) as Server;
    });
    if (server === undefined) throw new Error("there is no server");
    const mounted = server;
    await mountWebSocket(mounted, (link) => sockets.accept(link), options);
    await check(port, sockets, () => closing(mounted));
  });
});

describe("mounting into Deno.serve", () => {
  const serveDeno = (handler: Parameters<DenoServe["serve"]>[1]) =>
    (globalThis as unknown as { readonly Deno: DenoServe }).Deno.serve(
      { port: 0, hostname: host, onListen() {} },
      handler,
    );

  onDeno("serves beside a page", async () => {
    const sockets = echo();
    const server = serveDeno((request, from) =>
      request.headers.has("upgrade")
        ? upgradeWebSocket(request, (link) => sockets.accept(link), options, from)
        : new Response("a page")
    );
    await check(server.addr.port, sockets, () => server.shutdown());
  });

  onDeno("serves beside Hono", async () => {
    const sockets = echo();
    const app = new Hono()
      .get("/", (cx) => cx.text("a page"))
      .get("/rsocket", (cx) => upgradeWebSocket(cx.req.raw, (link) => sockets.accept(link)));
    const server = serveDeno((request) => app.fetch(request));
    await check(server.addr.port, sockets, () => server.shutdown());
  });
});

describe("mounting into Bun.serve", () => {
  type Handler = BunServeOptions<unknown>["fetch"];
  const serveBun = (fetch: (...args: Parameters<Handler>) => unknown, websocket: unknown) =>
    (globalThis as unknown as { readonly Bun: { serve(options: object): BunServer } }).Bun
      .serve({ port: 0, hostname: host, fetch, websocket });

  onBun("serves beside a page", async () => {
    const sockets = echo();
    const mount = mountBun((link) => sockets.accept(link), options);
    const server = serveBun(
      (request, by) => request.headers.has("upgrade") ? mount.upgrade(request, by) : new Response("a page"),
      mount.websocket,
    );
    await check(server.port, sockets, () => server.stop(true));
  });

  onBun("serves beside Hono", async () => {
    const sockets = echo();
    const mount = mountBun((link) => sockets.accept(link), options);
    const app = new Hono<{ Bindings: BunServer }>()
      .get("/", (cx) => cx.text("a page"))
      .get("/rsocket", (cx: Context<{ Bindings: BunServer }>) => mount.upgrade(cx.req.raw, cx.env) ?? cx.body(null));
    const server = serveBun((request, by) => app.fetch(request, by), mount.websocket);
    await check(server.port, sockets, () => server.stop(true));
  });
});
