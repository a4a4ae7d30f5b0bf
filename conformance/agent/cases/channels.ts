// Interactions by request-channel: both directions, either side ending first. Each names what it promises.
import { askChannel, askReport, textOf, textsOf } from "../ask.ts";
import { same } from "../case.ts";
import type { Interaction } from "./interactions.ts";

export const channelChecks: Readonly<Record<string, Interaction>> = {
  async "echo"(socket, name) {
    const echoed = await textsOf(askChannel(socket, { case: name, end: "echo" }, ["a", "b", "c"]));
    const { received, completed } = await askReport(socket, name, "ended");
    return [
      same("items back", echoed, ["a", "b", "c"]),
      same("items there", received, ["a", "b", "c"]),
      same("the requester's end arrived", completed, true),
    ];
  },

  async "without items of the requester"(socket, name) {
    const received = await textsOf(askChannel(socket, { case: name, emit: [{ numbers: 5 }] }));
    const { items, completed } = await askReport(socket, name, "ended");
    return [same("items", received, "01234".split("")), same("none there, and ended", [items, completed], [0, true])];
  },

  async "the responder ends first"(socket, name) {
    let goOn: () => void = () => {};
    const ended = new Promise<void>((resolve) => goOn = resolve);
    const source = (async function* () {
      yield "a";
      await ended;
      yield "b";
    })();
    const received = await textsOf(askChannel(socket, { case: name, emit: [{ numbers: 2 }] }, source));
    goOn();
    const report = await askReport(socket, name, "ended");
    return [
      same("items", received, ["0", "1"]),
      same("the requester's items still arrive", report.received, ["a", "b"]),
      same("and its end", report.completed, true),
    ];
  },

  async "cancelled by the requester"(socket, name) {
    const source = endless();
    for await (const payload of askChannel(socket, { case: name, end: "echo" }, source.items)) {
      if (textOf(payload) === "2") break;
    }
    const { cancelled, items } = await askReport(socket, name, "ended");
    return [
      same("the responder is told", cancelled, true),
      same("it had received the items", items >= 3, true),
      same("the requester's source is ended once", source.left, 1),
    ];
  },

  async "the responder takes no more"(socket, name) {
    const source = endless();
    const script = { case: name, take: 2, emit: [{ data: "done" }] };
    const received = await textsOf(askChannel(socket, script, source.items));
    const report = await askReport(socket, name, "ended");
    return [
      same("items back", received, ["done"]),
      same("items there", report.received, ["0", "1"]),
      same("the requester's source is ended once", source.left, 1),
    ];
  },

  async "the requester's source fails"(socket, name) {
    const failing = (async function* () {
      yield "a";
      throw new Error("source failed");
    })();
    const ended = await textsOf(askChannel(socket, { case: name, end: "never" }, failing)).catch((error) => error);
    const report = await askReport(socket, name, "ended");
    return [
      same("its consumer hears the same error", String(ended), "Error: source failed"),
      same("the item before arrives", report.received, ["a"]),
      same("the responder is told", report.error, "application-error"),
    ];
  },
};

/** Numbers without an end, and how often the library said that it takes no more of them. */
function endless(): { readonly items: AsyncIterable<string>; readonly left: number } {
  const source = { left: 0, items: numbers() };
  async function* numbers(): AsyncGenerator<string> {
    try {
      for (let number = 0;; number++) yield String(number);
    } finally {
      source.left++;
    }
  }
  return source;
}
