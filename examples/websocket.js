// RSocket over WebSocket, on a path of its own, with headers from the client. It never answers another path, nor a page
// of an origin that was not named.
//
// It prints:
//
//   /rsocket room=7 acme
//   another path: link-refused
//   another origin: link-refused
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();

const server = await serve("ws://127.0.0.1:0/rsocket", {
  requestResponse(_payload, { link }) {
    const { path, query, headers } = link.request ?? { path: "", query: "", headers: new Map() };
    return `${path} ${query} ${headers.get("x-tenant")}`;
  },
}, { allowedOrigins: ["https://app.example"] });

const [url = ""] = server.urls;
const client = await connect(`${url}?room=7`, { headers: { "x-tenant": "acme" } });
console.log(text.decode((await client.requestResponse("where am I?")).data));

await connect(url.replace("/rsocket", "/elsewhere")).catch((error) => console.log(`another path: ${error.code}`));
const headers = { origin: "https://other.example" };
await connect(url, { headers }).catch((error) => console.log(`another origin: ${error.code}`));

await client.close();
await server.close();
