// The case `abort` of a page: what an AbortSignal ends, with the errors a browser gives. It leaves no connection.
import { RSocketClient } from "headrace/browser";
import { askReport, askResponse, textOf } from "../agent/ask.ts";
import { type Case, type Check, checked, same } from "../agent/case.ts";
import { scriptText } from "../agent/script.ts";

export const abort: Case = async (cx) => checked([...await stream(cx), ...await response(cx), ...await connecting(cx)]);

async function stream(cx: Parameters<Case>[0]): Promise<Check[]> {
  const socket = await cx.connect();
  const name = cx.uniqueName();
  const controller = new AbortController();
  const received: string[] = [];
  let ended: unknown;
  try {
    const script = scriptText({ case: name, emit: [{ numbers: 3 }], end: "never" });
    for await (const payload of socket.requestStream(script, { signal: controller.signal })) {
      received.push(textOf(payload));
      if (received.length === 3) controller.abort();
    }
  } catch (error) {
    ended = error;
  }
  const { cancelled } = await askReport(socket, name, "ended");
  return [
    same("a stream: the items before", received, ["0", "1", "2"]),
    same("a stream: ends with the signal's reason", nameOf(ended), "AbortError"),
    same("a stream: the server is told", cancelled, true),
  ];
}

async function response(cx: Parameters<Case>[0]): Promise<Check[]> {
  const socket = await cx.connect();
  const name = cx.uniqueName();
  const controller = new AbortController();
  const asked = askResponse(socket, { case: name, end: "never" }, controller.signal).then(() => "answered", nameOf);
  await askResponse(socket, {}); // its answer says that the first has begun
  controller.abort();
  const ended = await asked;
  const { cancelled } = await askReport(socket, name, "ended");
  return [
    same("a response: rejects with the signal's reason", ended, "AbortError"),
    same("a response: the server is told", cancelled, true),
  ];
}

/** Before the dial, and while the browser is dialling. */
async function connecting(cx: Parameters<Case>[0]): Promise<Check[]> {
  const socket = await cx.connect();
  const { url } = cx.params as { readonly url: string };
  const early = await new RSocketClient(url).connect({ signal: AbortSignal.abort() }).then(() => "connected", nameOf);
  const controller = new AbortController();
  const connected = new RSocketClient(url).connect({ signal: controller.signal }).then(() => "connected", nameOf);
  controller.abort();
  const late = await connected;
  await askResponse(socket, {});
  return [
    same("connect: an aborted signal", early, "AbortError"),
    same("connect: a signal that aborts meanwhile", late, "AbortError"),
  ];
}

function nameOf(error: unknown): string {
  return error instanceof DOMException ? error.name : String(error);
}
