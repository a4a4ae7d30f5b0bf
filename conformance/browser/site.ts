// The web server of the pages: fixed files on a port of its own. It reads no disk and never guesses a path.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What is served under a path. */
export interface SiteFile {
  readonly type: "text/html" | "text/javascript";
  readonly body: string;
}

/** A running site. */
export interface Site {
  readonly server: Server;
  /** "http://127.0.0.1:34567". */
  readonly origin: string;
  /** The same server by another name, which to a browser is another origin. */
  readonly otherOrigin: string;
  close(): Promise<void>;
}

/** Serves files, by what `fileAt` gives for a path; the rest is 404. */
export async function serveSite(fileAt: (path: string) => SiteFile | undefined): Promise<Site> {
  const server = createServer((request, response) => {
    const file = fileAt(new URL(request.url ?? "/", "http://site").pathname);
    response.writeHead(file === undefined ? 404 : 200, {
      "content-type": `${file?.type ?? "text/plain"}; charset=utf-8`,
    });
    response.end(file?.body);
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    server,
    origin: `http://127.0.0.1:${port}`,
    otherOrigin: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections(); // a browser keeps some for later
      }),
  };
}
