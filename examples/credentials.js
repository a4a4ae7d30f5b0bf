// A credential in SETUP: the server lets clients in or refuses them, and knows in each request who asks. It never tells a
// refused client more than it chooses to.
//
// It prints:
//
//   you are Ada
//   rejected-setup: The peer answered ERROR[REJECTED_SETUP]: unknown key
import { connect, RSocketError, serve } from "headrace/rsocket";

const text = new TextDecoder();
const names = new Map([["key-1", "Ada"]]);

const server = await serve("memory://door", {
  onSetup({ payload }) {
    const name = names.get(text.decode(payload.data));
    if (name === undefined) throw new RSocketError(0x201, "unknown key");
    return name; // becomes cx.principal
  },
  requestResponse: (_payload, { principal }) => `you are ${String(principal)}`,
});

const known = await connect("memory://door", { setup: { payload: "key-1" } });
console.log(text.decode((await known.requestResponse("who am I?")).data));

const unknown = await connect("memory://door", { setup: { payload: "key-2" } });
const { code, error } = await unknown.closed; // the answer to SETUP comes after connect()
console.log(`${code}: ${error?.message}`);

await known.close();
await unknown.close();
await server.close();
