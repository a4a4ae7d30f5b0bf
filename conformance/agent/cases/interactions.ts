// The case `interactions`: every kind of request in both directions, once each, over one connection. A list; checks are beside it.
import type { RSocketClient } from "../../../src/front/rsocket.ts";
import { type Case, type Check, checked } from "../case.ts";
import { channelChecks } from "./channels.ts";
import { errorChecks } from "./errors.ts";
import { fromServerChecks } from "./from-server.ts";
import { singleItemChecks } from "./single-item.ts";
import { streamChecks } from "./streams.ts";

/** One interaction. `name` is unique in its run, for the responder to record under. */
export type Interaction = (socket: RSocketClient, name: string) => Promise<readonly Check[]>;

const groups: Readonly<Record<string, Readonly<Record<string, Interaction>>>> = {
  "single item": singleItemChecks,
  "stream": streamChecks,
  "channel": channelChecks,
  "error": errorChecks,
  "from the server": fromServerChecks,
};

export const interactions: Case = async (cx) => {
  const socket = await cx.connect();
  const run = cx.uniqueName();
  const found: Check[] = [];
  for (const [group, checks] of Object.entries(groups)) {
    for (const [name, interaction] of Object.entries(checks)) {
      const title = `${group}: ${name}`;
      cx.at(title);
      for (const check of await guarded(interaction, socket, `${run} ${title}`)) {
        found.push({ ...check, name: `${title}: ${check.name}` });
      }
      cx.signal.throwIfAborted();
    }
  }
  return checked(found);
};

/** A throw is one failed check, so that the others still say what they find. */
async function guarded(interaction: Interaction, socket: RSocketClient, name: string): Promise<readonly Check[]> {
  try {
    return await interaction(socket, name);
  } catch (error) {
    return [{ name: "ran", ok: false, detail: String(error) }];
  }
}
