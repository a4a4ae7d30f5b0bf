// The table of streams by itself, where what is held for unfinished payloads can be seen: it stays within its limits
// after every frame, and is nothing once all streams are gone.
import { PeerError } from "../../src/contract/errors.ts";
import { slabPool } from "../../src/bytes/slabs.ts";
import { Outbox } from "../../src/kit/outbox.ts";
import type { RSocketEvent } from "../../src/rsocket/event.ts";
import { FrameView } from "../../src/rsocket/frame-view.ts";
import { Lanes } from "../../src/rsocket/mapping.ts";
import { Streams } from "../../src/rsocket/streams.ts";
import { FrameWriter } from "../../src/rsocket/writer.ts";
import { SMALL_LIMITS } from "./conversation-program.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { writeFrame } from "./generate-frame.ts";
import { Input } from "./input.ts";
import type { Random } from "./random.ts";
import { frameSeeds, prefixedFrame } from "./seeds.ts";
import { hold, type Target } from "./target.ts";

const scratch = new Input();

/** Streams, on a server that answers nothing. */
export function streamsTarget(): Target {
  return {
    name: "streams",
    about: "Streams: what is held for unfinished payloads stays within the limits and returns to 0",
    kind: "stateful",
    covers: [Streams],
    seeds: frameSeeds().map(prefixedFrame),
    generate(input, random) {
      for (let count = 20 + random.below(20); count > 0; count--) writeOne(input, random);
      return false;
    },
    run(bytes) {
      const out = new Outbox<RSocketEvent<number>>(slabPool(1));
      const streams = new Streams<number>({
        client: false,
        limits: SMALL_LIMITS,
        fragmentBytes: 0,
        writer: new FrameWriter(out, "prefixed"),
        lanes: new Lanes("single", out),
      });
      const view = new FrameView();
      let events = 0;
      new FrameSplitter().push(bytes, (frame) => {
        if (view.read(frame, 0, frame.length) !== 0 || view.streamId === 0) return;
        if (streams.receive(view, 0, false) !== undefined) events++;
        const { live, reassembling } = streams;
        hold(reassembling >= 0, "holds less than nothing");
        hold(reassembling <= SMALL_LIMITS.maxReassemblyBytes, "holds more than maxReassemblyBytes");
        hold(live <= SMALL_LIMITS.maxConcurrentStreams, "holds more than maxConcurrentStreams");
      });
      streams.failAll(new PeerError("frame-malformed", "the end"));
      hold(streams.live === 0 && streams.reassembling === 0, "holds something at the end");
      while (out.shift() !== undefined);
      return events > 0 ? "+events" : "nothing heard";
    },
  };
}

function writeOne(input: Input, random: Random): void {
  const type = random.pick([4, 5, 6, 7, 10, 10, 10, 10, 8, 9, 11]);
  const flags = random.pick([0x80, 0x80, 0x180, 0x180, 0xa0, 0x20, 0x60, 0x40, 0]);
  writeFrame(scratch.clear(), random, type, flags, 1 + 2 * random.below(6));
  input.u24(scratch.length).append(scratch.view());
}
