// Stream ids: parity, steps, the wrap, and what is skipped. RSocket 1.0, "Stream Identifiers".
import { describe, expect, it } from "#test";
import { bytesOf } from "../../conformance/transcript/frames.ts";
import { client, server } from "../../conformance/transcript/roles.ts";
import { slabPool } from "../bytes/slabs.ts";
import { DEFAULT_LIMITS } from "../contract/limits.ts";
import { Outbox } from "../kit/outbox.ts";
import type { RSocketEvent } from "./event.ts";
import { FRAME_TYPE } from "./frame.ts";
import { Lanes } from "./mapping.ts";
import { StreamIds } from "./stream-ids.ts";
import { Streams } from "./streams.ts";
import { FrameWriter } from "./writer.ts";

const none = bytesOf("");
const LAST_ODD = 0x7fff_ffff;
const LAST_EVEN = 0x7fff_fffe;
const nobody = { get: () => undefined };

describe("stream ids", () => {
  it("are odd from 1 for a client and even from 2 for a server", () => {
    const asking = client();
    const serving = server();
    for (const machine of [asking.machine, serving.machine]) {
      const ids = [
        machine.requestResponse(none, undefined, ""),
        machine.fireAndForget(none, undefined),
        machine.requestStream(none, undefined, 1, ""),
        machine.requestChannel(none, undefined, 1, true, ""),
      ];
      expect(ids).toEqual(machine === asking.machine ? [1, 3, 5, 7] : [2, 4, 6, 8]);
    }
  });

  it("are not used again before the wrap", () => {
    const ids = new StreamIds(1);
    const seen = new Set(Array.from({ length: 1_000 }, () => ids.take(nobody)));
    expect(seen.size).toBe(1_000);
  });

  it("end at 2^31-1 or 2^31-2 and go on at 1 or 2", () => {
    const odd = new StreamIds(1, LAST_ODD - 2);
    expect([1, 2, 3, 4].map(() => odd.take(nobody))).toEqual([LAST_ODD - 2, LAST_ODD, 1, 3]);
    const even = new StreamIds(2, LAST_EVEN);
    expect([1, 2, 3].map(() => even.take(nobody))).toEqual([LAST_EVEN, 2, 4]);
  });

  it("skip what is live after the wrap, and wrap again", () => {
    const live = new Set([1, 3, 7]);
    const ids = new StreamIds(1, LAST_ODD);
    const take = (): number => ids.take({ get: (id) => live.has(id) || undefined });
    expect([take(), take(), take()]).toEqual([LAST_ODD, 5, 9]);
  });

  it("do not ask before the wrap whether an id is live", () => {
    const ids = new StreamIds(2);
    const asked = (): never => {
      throw new Error("asked");
    };
    expect(ids.take({ get: asked })).toBe(2);
  });
});

describe("streams at the wrap", () => {
  it("keep their ids while others are given out", () => {
    const out = new Outbox<RSocketEvent<string>>(slabPool());
    const streams = new Streams<string>({
      client: true,
      limits: DEFAULT_LIMITS,
      fragmentBytes: 0,
      writer: new FrameWriter(out, "prefixed"),
      lanes: new Lanes("single", out),
    }, LAST_ODD - 2);
    const begin = (): number => streams.request(FRAME_TYPE.REQUEST_STREAM, 1, none, undefined, true, "");
    expect([begin(), begin(), begin(), begin()]).toEqual([LAST_ODD - 2, LAST_ODD, 1, 3]);
    streams.cancel(LAST_ODD);
    streams.cancel(1);
    expect(begin()).toBe(5);
    expect(streams.live).toBe(3);
  });
});
