// Interactions of at most one item: request-response, fire-and-forget and metadata push. Each names what it promises.
import { NO_PAYLOAD } from "../../../src/front/rsocket.ts";
import { askReport, askResponse, textOf } from "../ask.ts";
import { same } from "../case.ts";
import { scriptText } from "../script.ts";
import type { Interaction } from "./interactions.ts";

export const singleItemChecks: Readonly<Record<string, Interaction>> = {
  async "request-response"(socket) {
    const answer = await askResponse(socket, { emit: [{ data: "pong", meta: "m" }] });
    const metadata = answer.metadata && new TextDecoder().decode(answer.metadata);
    return [same("data", textOf(answer), "pong"), same("metadata", metadata, "m")];
  },

  async "absent and empty metadata differ"(socket) {
    const absent = await askResponse(socket, { emit: [{ data: "a" }] });
    const empty = await askResponse(socket, { emit: [{ data: "b", meta: "" }] });
    return [same("absent", absent.metadata === undefined, true), same("empty", empty.metadata?.length, 0)];
  },

  async "request-response without an item"(socket) {
    const answer = await askResponse(socket, { emit: [] });
    return [same("is NO_PAYLOAD", answer === NO_PAYLOAD, true)];
  },

  async "request-response given up"(socket, name) {
    const giveUp = new AbortController();
    const reason = new Error("given up");
    const asked = askResponse(socket, { case: name, end: "never" }, giveUp.signal).then(() => "answered", (e) => e);
    // The answer to a later request says that the first one has begun.
    await askResponse(socket, {});
    giveUp.abort(reason);
    const ended = (await asked) === reason;
    const { cancelled } = await askReport(socket, name, "ended");
    return [same("rejects with the signal's reason", ended, true), same("the responder is told", cancelled, true)];
  },

  async "fire-and-forget"(socket, name) {
    const data = scriptText({ case: name });
    await socket.fireAndForget({ data, metadata: "one" });
    await socket.fireAndForget({ data, metadata: "two" });
    const { kinds, received } = await askReport(socket, name, "ended");
    return [same("arrived", kinds, ["fnf", "fnf"]), same("in order", received, ["one", "two"])];
  },

  async "metadata push"(socket, name) {
    await socket.metadataPush(scriptText({ case: name }));
    const { kinds } = await askReport(socket, name, "ended");
    return [same("arrived", kinds, ["push"])];
  },
};
