// Interactions that end in an error: which code reaches the requester, and that what came before it is kept.
import { HeadraceError, RemoteError } from "../../../src/contract/errors.ts";
import { askChannel, askReport, askResponse, askStream, textOf, textsOf } from "../ask.ts";
import { type Check, same } from "../case.ts";
import { errorNumbers, type Script } from "../script.ts";
import type { Interaction } from "./interactions.ts";

export const errorChecks: Readonly<Record<string, Interaction>> = {
  "request-response": (socket) => everyCode(async (script) => [textOf(await askResponse(socket, script))]),

  "request-stream": (socket) => everyCode((script) => textsOf(askStream(socket, script))),

  "request-channel": (socket) => everyCode((script) => textsOf(askChannel(socket, script, ["a"]))),

  async "after items"(socket) {
    const received: string[] = [];
    let code = "none";
    try {
      for await (const payload of askStream(socket, { emit: [{ numbers: 3 }], end: failing("rejected") })) {
        received.push(textOf(payload));
      }
    } catch (error) {
      code = codeOf(error);
    }
    return [same("the items before it", received, ["0", "1", "2"]), same("then the error", code, "rejected")];
  },

  async "a handler's item that is no payload"(socket, name) {
    const script: Script = { case: name, emit: [{ data: "a" }, { wrong: true }, { data: "never" }] };
    const code = await textsOf(askStream(socket, script)).then(() => "none", codeOf);
    await askResponse(socket, {});
    const { ended } = await askReport(socket, name);
    return [same("is the handler's error", code, "application-error"), same("ends the handler's source", ended, true)];
  },

  async "a request that is no script"(socket) {
    const code = await socket.requestResponse("hello").then(() => "none", codeOf);
    const alive = textOf(await askResponse(socket, { emit: [{ data: "still here" }] }));
    return [same("is invalid", code, "invalid"), same("the connection lives on", alive, "still here")];
  },
};

async function everyCode(ask: (script: Script) => Promise<string[]>): Promise<Check[]> {
  const found: Check[] = [];
  for (const [code, number] of errorNumbers) {
    const error: unknown = await ask({ end: failing(code) }).then(() => undefined, (reason) => reason);
    const remote = error instanceof RemoteError ? error : undefined;
    const text = remote === undefined ? String(error) : new TextDecoder().decode(remote.data);
    found.push(same(code, [remote?.code, remote?.rsocketCode, text], [code, number, `planted ${code}`]));
  }
  return found;
}

function failing(code: string): Script["end"] & object {
  return { error: { code, message: `planted ${code}` } };
}

function codeOf(error: unknown): string {
  return error instanceof HeadraceError ? error.code : String(error);
}
