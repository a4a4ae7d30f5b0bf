// Two machines joined in memory: what one sends reaches the other, cut as the caller likes and lane by lane.
// It loses and reorders nothing within a lane; between lanes any order may be asked for.
import { Player, type PlayerOptions } from "./player.ts";

/** What is on its way on one lane of one direction. */
interface Pipe {
  bytes: Uint8Array[];
  ended: boolean;
  endTold: boolean;
}

/** A client and a server and the wires between them. */
export class Pair {
  readonly client: Player;
  readonly server: Player;
  readonly #toServer = new Wires();
  readonly #toClient = new Wires();

  constructor(client: PlayerOptions, server: PlayerOptions) {
    this.client = new Player({ ...client, role: "client" });
    this.server = new Player({ ...server, role: "server" });
  }

  /** Moves up to `count` bytes (messages on a messages link) of the lane that `choose` picks. False: nothing to move. */
  move(toServer: boolean, count: number, choose: (lanes: number) => number = () => 0): boolean {
    const wires = toServer ? this.#toServer : this.#toClient;
    const [from, to] = toServer ? [this.client, this.server] : [this.server, this.client];
    wires.collect(from);
    const ready = wires.ready();
    if (ready.length === 0) return false;
    const lane = ready[choose(ready.length)]!;
    const pipe = wires.lanes.get(lane)!;
    // Lanes that one side opened are even for it and odd for the other.
    const there = lane === 0 ? 0 : lane % 2 === 0 ? lane - 1 : lane + 1;
    const bytes = pipe.bytes.shift();
    if (bytes === undefined) {
      pipe.endTold = true;
      if (!to.closed) to.ends(there);
      return true;
    }
    const cut = from.isPrefixed ? Math.min(count, bytes.length) : bytes.length;
    if (cut < bytes.length) pipe.bytes.unshift(bytes.subarray(cut));
    to.raw(bytes.subarray(0, cut), there);
    return true;
  }

  /** Moves everything both ways until nothing is left. */
  settle(): this {
    while (this.move(true, Infinity) || this.move(false, Infinity));
    return this;
  }
}

class Wires {
  readonly lanes = new Map<number, Pipe>();
  #taken = 0;

  collect(from: Player): void {
    for (; this.#taken < from.sent.length; this.#taken++) {
      const { type, lane, bytes } = from.sent[this.#taken]!;
      let pipe = this.lanes.get(lane);
      if (pipe === undefined) this.lanes.set(lane, pipe = { bytes: [], ended: false, endTold: false });
      if (pipe.ended) throw new Error(`${type} on lane ${lane} after its end`);
      if (type === "send") pipe.bytes.push(bytes);
      if (type === "end") pipe.ended = true;
    }
  }

  ready(): number[] {
    return [...this.lanes].filter(([, pipe]) => pipe.bytes.length > 0 || (pipe.ended && !pipe.endTold)).map(([lane]) =>
      lane
    );
  }
}
