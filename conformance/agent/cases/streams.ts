// Interactions by request-stream: order, demand that is kept to exactly, and cancellation. Each names what it promises.
import type { Payload, RSocketClient, Subscription } from "../../../src/front/rsocket.ts";
import { askReport, askResponse, askStream, textOf, textsOf } from "../ask.ts";
import { same } from "../case.ts";
import type { Script } from "../script.ts";
import type { Interaction } from "./interactions.ts";

const ten: Script = { emit: [{ numbers: 10 }] };

export const streamChecks: Readonly<Record<string, Interaction>> = {
  async "ten items"(socket) {
    const received = await textsOf(askStream(socket, ten));
    return [same("in order", received, "0123456789".split(""))];
  },

  async "no item"(socket) {
    return [same("completes", await textsOf(askStream(socket, {})), [])];
  },

  async "items of odd sizes"(socket) {
    const fills = [0, 1, 255, 256, 70_000].map((len) => ({ data: { fill: { len, seed: 1 } } }));
    const sizes: number[] = [];
    for await (const { data } of askStream(socket, { emit: fills })) sizes.push(data.length);
    return [same("sizes", sizes, [0, 1, 255, 256, 70_000])];
  },

  async "demand"(socket) {
    const asked = await subscribe(socket, ten);
    await barrier(socket);
    const none = asked.received.length;
    asked.subscription.request(2);
    await asked.until(2);
    await barrier(socket);
    const two = asked.received.length;
    asked.subscription.request(3);
    await asked.until(5);
    await barrier(socket);
    const five = [...asked.received];
    asked.subscription.request(0x7fff_ffff);
    const ending = await asked.ended;
    return [
      same("nothing before it", none, 0),
      same("two for two", two, 2),
      same("five for five", five, ["0", "1", "2", "3", "4"]),
      same("the rest, then complete", [asked.received.length, ending], [10, "complete"]),
    ];
  },

  async "cancelled by leaving the loop"(socket, name) {
    const received: string[] = [];
    for await (const payload of askStream(socket, { case: name, emit: [{ numbers: 1_000_000 }] })) {
      received.push(textOf(payload));
      if (received.length === 3) break;
    }
    const { cancelled } = await askReport(socket, name, "ended");
    return [same("items before", received, ["0", "1", "2"]), same("the responder is told", cancelled, true)];
  },

  async "cancelled while silent"(socket, name) {
    const asked = await subscribe(socket, { case: name, emit: [{ data: "one" }], end: "never" });
    asked.subscription.request(5);
    await asked.until(1);
    asked.subscription.cancel();
    const { cancelled } = await askReport(socket, name, "ended");
    return [same("item before", asked.received, ["one"]), same("the responder is told", cancelled, true)];
  },

  async "eight at once"(socket) {
    const all = await Promise.all(Array.from({ length: 8 }, () => textsOf(askStream(socket, ten))));
    return [same("each whole", all.filter((texts) => texts.join("") === "0123456789").length, 8)];
  },
};

interface Asked {
  readonly subscription: Subscription;
  readonly received: readonly string[];
  /** Resolves when so many items were received. */
  until(count: number): Promise<void>;
  readonly ended: Promise<"complete" | "error">;
}

/** A subscriber by hand, so that the demand is exactly what is asked for. */
function subscribe(socket: RSocketClient, script: Script): Promise<Asked> {
  return new Promise((resolve) => {
    const received: string[] = [];
    let end: (how: "complete" | "error") => void;
    let hear = () => {};
    const until = async (count: number) => {
      while (received.length < count) await new Promise<void>((heard) => hear = heard);
    };
    const ended = new Promise<"complete" | "error">((settle) => end = settle);
    askStream(socket, script).subscribe({
      onSubscribe: (subscription) => resolve({ subscription, received, until, ended }),
      onNext(payload: Payload) {
        received.push(textOf(payload));
        hear();
      },
      onError: () => end("error"),
      onComplete: () => end("complete"),
    });
  });
}

/** What the responder sends before it answers has arrived with the answer. Several trips: a handler takes turns to send. */
async function barrier(socket: RSocketClient): Promise<void> {
  for (let trip = 0; trip < 5; trip++) await askResponse(socket, {});
}
