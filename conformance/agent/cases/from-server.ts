// Interactions that the server begins: it makes the request of the client that asked for it and reports what came back.
import type { RSocketClient } from "../../../src/front/rsocket.ts";
import { askResponse, textOf } from "../ask.ts";
import { same } from "../case.ts";
import { listAt, parseObject } from "../fields.ts";
import type { Script } from "../script.ts";
import type { Interaction } from "./interactions.ts";

export const fromServerChecks: Readonly<Record<string, Interaction>> = {
  async "request-response"(socket) {
    const items = await back(socket, { kind: "response", script: { emit: [{ data: "from the client" }] } });
    return [same("item", items, ["from the client"])];
  },

  async "request-stream"(socket) {
    const items = await back(socket, { kind: "stream", script: { emit: [{ numbers: 5 }] } });
    return [same("items", items, "01234".split(""))];
  },

  async "request-channel"(socket) {
    const items = await back(socket, { kind: "channel", script: { end: "echo" } });
    return [same("items", items, ["back 0", "back 1"])];
  },

  async "fire-and-forget"(socket, name) {
    await back(socket, { kind: "fnf", script: { case: name } });
    // The client's own record, which the server asks for and hands back.
    const [text] = await back(socket, { kind: "response", script: { report: name, until: "ended" } });
    return [same("arrived", listAt(parseObject(String(text), "the report"), "kinds"), ["fnf"])];
  },
};

async function back(socket: RSocketClient, request: NonNullable<Script["back"]>): Promise<readonly unknown[]> {
  return listAt(parseObject(textOf(await askResponse(socket, { back: request })), "the answer"), "items");
}
