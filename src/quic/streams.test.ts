// The stream table: whose ids are whose, and that a stream is new only once.
import { describe, expect, it } from "#test";
import { QuicStreams } from "./streams.ts";

describe("quic streams", () => {
  it("numbers its own streams by role and direction", () => {
    const [client, server] = [new QuicStreams("client"), new QuicStreams("server")];
    expect([false, false, true, true].map((uni) => client.openOwn(uni).id)).toEqual([0, 4, 2, 6]);
    expect([false, false, true, true].map((uni) => server.openOwn(uni).id)).toEqual([1, 5, 3, 7]);
  });

  it("takes each of the peer's streams for new once, in any order, also above 32 bits", () => {
    const streams = new QuicStreams("client");
    for (const id of [9, 1, 5, 3, 2 ** 34 + 1]) {
      const stream = streams.openPeers(id);
      expect(stream?.id).toBe(id);
      expect(streams.openPeers(id)).toBeUndefined();
      streams.endSending(stream!);
      streams.endReceiving(stream!);
      expect(streams.get(id)).toBeUndefined();
      expect(streams.openPeers(id)).toBeUndefined();
    }
    expect(streams.openPeers(0)).toBeUndefined();
    expect(streams.size).toBe(0);
  });

  it("keeps a stream until both halves are over; a unidirectional one has only one", () => {
    const streams = new QuicStreams("client");
    const own = streams.openOwn(true);
    streams.endSending(own);
    const both = streams.openOwn(false);
    streams.endReceiving(both);
    expect(streams.size).toBe(1);
    streams.endSending(both);
    expect(streams.size).toBe(0);
    expect(streams.named(0)).toBeUndefined();
    expect(() => streams.named(4)).toThrow();
    expect(() => streams.named(0.5)).toThrow();
  });
});
