// Asking a responder: the requests of the cases in their shortest form. It keeps texts only, so nothing large goes here.
import type { Payload, PayloadInit, PayloadStream, RSocket, Source } from "../../src/front/rsocket.ts";
import { objectOf, parseObject } from "./fields.ts";
import type { CaseRecord } from "./records.ts";
import { type Script, scriptText } from "./script.ts";

const decoder = new TextDecoder();

/** The text of a payload's data. */
export function textOf(payload: Payload): string {
  return decoder.decode(payload.data);
}

/** The texts of all items. */
export async function textsOf(stream: PayloadStream): Promise<string[]> {
  const texts: string[] = [];
  for await (const payload of stream) texts.push(textOf(payload));
  return texts;
}

export async function askResponse(socket: RSocket, script: Script, signal?: AbortSignal): Promise<Payload> {
  return await socket.requestResponse(scriptText(script), signal === undefined ? {} : { signal });
}

export function askStream(socket: RSocket, script: Script): PayloadStream {
  return socket.requestStream(scriptText(script));
}

export function askChannel(socket: RSocket, script: Script, rest?: Source<PayloadInit>): PayloadStream {
  return socket.requestChannel(scriptText(script), rest);
}

/** What the responder recorded of a case; with "ended" not before it has ended there. */
export async function askReport(socket: RSocket, name: string, until?: "ended"): Promise<CaseRecord> {
  const answer = await askResponse(socket, { report: name, ...(until === undefined ? {} : { until }) });
  return objectOf(parseObject(textOf(answer), "the report"), "the report") as unknown as CaseRecord;
}

/** A request in the other direction: the texts that came back. */
export async function askBack(
  socket: RSocket,
  { kind, script }: NonNullable<Script["back"]>,
  signal: AbortSignal,
): Promise<{ readonly items: readonly string[] }> {
  switch (kind) {
    case "fnf":
      await socket.fireAndForget(scriptText(script));
      return { items: [] };
    case "response":
      return { items: [textOf(await askResponse(socket, script, signal))] };
    case "stream":
      return { items: await textsOf(askStream(socket, script)) };
    case "channel":
      return { items: await textsOf(askChannel(socket, script, ["back 0", "back 1"])) };
  }
}
