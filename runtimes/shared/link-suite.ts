/**
 * What every link owes, as scenarios over two unstarted ends, and what dialling and listening owe. It names no test
 * runner and no host: whoever has a transport runs the scenarios against it.
 *
 * @module
 */
import { LinkError } from "../../src/contract/errors.ts";
import type { CloseInfo, Link, LinkSink, TlsOptions } from "../../src/contract/link.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import type { DialOptions, Listener, Transport } from "../../src/contract/transport.ts";

/** One transport on one runtime. */
export interface LinkLab {
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly kind: Link["kind"];
  /** A URL to listen on, free each time it is asked for. */
  url(): URL;
  /** A URL nobody listens on. */
  deadUrl(): URL;
  /** What each side needs of TLS. */
  readonly tls?: { readonly dial: TlsOptions; readonly listen: TlsOptions };
}

/** One promise of a link. `run` rejects when it is broken. */
export interface LinkScenario {
  readonly name: string;
  readonly timeoutMs: number;
  /** The kind of links that promise it; both when absent. */
  readonly only?: Link["kind"];
  readonly run: (lab: LinkLab) => Promise<void>;
}

/** How much the flood scenarios send. More than any kernel holds for a socket, many times over. */
const FLOOD_BYTES = 50_000_000;

/** Every scenario. */
export const LINK_SCENARIOS: readonly LinkScenario[] = [
  {
    name: "carries bytes both ways and says where it leads",
    timeoutMs: 5_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        check(near.link.kind === lab.kind && far.link.kind === lab.kind, `both ends are ${lab.kind} links`);
        const scheme = lab.url().protocol.slice(0, -1);
        check(near.link.info.scheme === scheme && far.link.info.scheme === scheme, "the scheme is the URL's");
        check(near.link.info.remote !== undefined, "the dialling end knows the remote");
        near.send(text("to far"));
        await far.until(() => far.text() === "to far");
        far.send(text("to near"));
        await near.until(() => near.text() === "to near");
      }),
  },
  {
    name: "carries 50 MB intact to a slow reader while the sender reuses its buffer, dialler to acceptor",
    timeoutMs: 60_000,
    run: (lab) => withPair(lab, ({ near, far }) => flood(lab.runtime, near, far)),
  },
  {
    name: "carries 50 MB intact to a slow reader while the sender reuses its buffer, acceptor to dialler",
    timeoutMs: 60_000,
    run: (lab) => withPair(lab, ({ near, far }) => flood(lab.runtime, far, near)),
  },
  {
    name: "says false above its mark, counts what it holds, and drains",
    timeoutMs: 20_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        far.link.pause();
        let sent = 0;
        let more = true;
        while (more) {
          more = near.send(new Uint8Array(65_536));
          sent += 65_536;
        }
        check(near.link.buffered > 0, "a link that said false counts bytes");
        check(near.drains === 0, "no drain before the peer reads");
        far.link.resume();
        await near.until(() => near.drains === 1);
        check(near.send(new Uint8Array(1)), "after drain there is room");
        await far.until(() => far.bytes === sent + 1);
      }),
  },
  {
    name: "holds a sender back while its peer does not read, and loses nothing",
    timeoutMs: 20_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        let sent = 0;
        const fill = () => {
          while (sent < FLOOD_BYTES) {
            sent += 65_536;
            if (!near.send(new Uint8Array(65_536))) return;
          }
        };
        near.onDrain = fill;
        near.send(text("first"));
        await far.until(() => far.text() === "first");
        far.link.pause();
        fill();
        await turns(lab.runtime, 100);
        check(sent < FLOOD_BYTES / 2, `a paused peer takes what the kernel holds, not ${sent} bytes`);
        far.link.resume();
        await far.until(() => sent >= FLOOD_BYTES && far.bytes >= sent + 5);
        check(far.bytes === sent + 5, "everything arrives, once");
      }),
  },
  {
    name: "keeps what arrived before start, and tells it first",
    timeoutMs: 5_000,
    run: (lab) =>
      withRawPair(lab, async (nearLink, farLink) => {
        const near = new End(nearLink);
        near.start();
        near.send(text("early "));
        await turns(lab.runtime, 5);
        near.send(text("and late"));
        near.link.end();
        await turns(lab.runtime, 5);
        const far = new End(farLink);
        far.start();
        await far.until(() => far.ends === 1);
        check(far.text() === "early and late", `everything is told, not "${far.text()}"`);
        far.link.end();
        await Promise.all([near.whenClosed, far.whenClosed]);
      }),
  },
  {
    name: "tells nothing while paused, and everything after resume",
    timeoutMs: 5_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        near.send(text("one"));
        await far.until(() => far.text() === "one");
        far.link.pause();
        near.send(text(" two"));
        near.link.end();
        await turns(lab.runtime, 10);
        check(far.text() === "one" && far.ends === 0, "a paused link is silent");
        far.link.resume();
        await far.until(() => far.ends === 1);
        check(far.text() === "one two", "nothing was lost");
      }),
  },
  {
    name: "stops at once when paused from inside a chunk",
    timeoutMs: 20_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        far.onChunk = () => far.link.pause();
        // Much more than ten reads take: a read is up to 512 KiB on Bun.
        near.onDrain = () => near.fill(65_536, 1_000);
        near.fill(65_536, 1_000);
        for (let chunks = 1; chunks <= 10; chunks++) {
          await far.until(() => far.chunks >= chunks);
          await turns(lab.runtime, 2);
          check(far.chunks === chunks, `one chunk per resume, not ${far.chunks} for ${chunks}`);
          far.link.resume();
        }
      }),
  },
  {
    name: "keeps the borders of messages of all sizes, both ways",
    timeoutMs: 5_000,
    only: "messages",
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        // Around the borders of the three forms of a length, and of a read.
        const sizes = [0, 1, 125, 126, 127, 0, 65_535, 65_536, 65_537, 3_000_000, 2];
        for (const [from, to] of [[near, far], [far, near]] as const) {
          const arrived: number[] = [];
          to.onChunk = (chunk) => void arrived.push(firstDifference(chunk, 0) < 0 ? chunk.length : -1);
          for (const size of sizes) from.send(patternAt(0, size));
          await to.until(() => arrived.length === sizes.length);
          check(arrived.join() === sizes.join(), `messages arrive as they were sent, not as ${arrived.join()}`);
        }
      }),
  },
  {
    name: "leaves the sender's memory as it was",
    timeoutMs: 5_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        for (const [from, to] of [[near, far], [far, near]] as const) {
          const before = to.bytes;
          const sent = [patternAt(0, 10), patternAt(0, 100_000)];
          for (const bytes of sent) from.send(bytes);
          await to.until(() => to.bytes === before + 100_010);
          check(sent.every((bytes) => firstDifference(bytes, 0) < 0), "nothing was written into what was sent");
        }
      }),
  },
  {
    name: "ends for both sides when one ends, after everything that side had sent",
    timeoutMs: 5_000,
    only: "messages",
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        far.send(text("hello"));
        await near.until(() => near.text() === "hello");
        near.send(text("question"));
        near.link.end();
        check(!near.send(text("too late")), "nothing can be sent after end");
        const [here, there] = await Promise.all([near.whenClosed, far.whenClosed]);
        check(far.text() === "question", "what was sent before end arrives, and nothing after it");
        check(here.error === undefined && there.error === undefined, `a clean end has no error: ${here.error}`);
        check(near.ends === 1 && far.ends === 1, "each end is told once");
      }),
  },
  {
    name: "closes half: one side ends, the other still sends, and both close cleanly",
    timeoutMs: 5_000,
    only: "bytes",
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        near.send(text("question"));
        near.link.end();
        check(!near.send(text("too late")), "nothing can be sent after end");
        await far.until(() => far.ends === 1);
        check(far.text() === "question", "what was sent before end arrives, and nothing after it");
        far.send(text("answer"));
        await near.until(() => near.text() === "answer");
        check(!near.isClosed && !far.isClosed, "a half closed link is not closed");
        far.link.end();
        const [here, there] = await Promise.all([near.whenClosed, far.whenClosed]);
        check(here.error === undefined && there.error === undefined, "a clean end has no error");
        check(near.ends === 1 && far.ends === 1, "each end is told once");
      }),
  },
  {
    name: "sends everything before its end, also when the peer reads late",
    timeoutMs: 20_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        far.link.pause();
        const reading = readPattern(far);
        for (let n = 0; n < 160; n++) near.send(patternAt(n * 65_536, 65_536));
        near.link.end();
        await turns(lab.runtime, 5);
        far.link.resume();
        await far.until(() => far.ends === 1);
        reading.check(160 * 65_536);
      }),
  },
  {
    name: "keeps the order of what is sent while the peer reads and nobody waits for drain",
    timeoutMs: 20_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        let at = 0;
        // From inside the reader, because just then there is room again that the sender was not yet told of.
        const more = () => {
          if (at === 20_000_000) return;
          near.send(patternAt(at, 100_000));
          at += 100_000;
          if (at === 20_000_000) near.link.end();
        };
        const reading = readPattern(far, more);
        for (let n = 0; n < 100 && near.link.buffered < 2_000_000; n++) more();
        await far.until(() => far.ends === 1);
        reading.check(20_000_000);
      }),
  },
  {
    name: "closes when both sides end at once",
    timeoutMs: 5_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        near.link.end();
        far.link.end();
        const infos = await Promise.all([near.whenClosed, far.whenClosed]);
        check(infos.every((info) => info.error === undefined), "both close cleanly");
        check(near.ends === 1 && far.ends === 1, "both hear of the other's end first");
      }),
  },
  {
    name: "tells an abort to the peer as link-reset, and to its own side as given up",
    timeoutMs: 5_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        near.send(text("begun"));
        await far.until(() => far.bytes > 0);
        near.link.abort();
        near.link.abort();
        check(!near.isClosed, "closed is not told from inside abort");
        check(!near.send(text("more")), "nothing can be sent after abort");
        const [here, there] = await Promise.all([near.whenClosed, far.whenClosed]);
        checkLinkError(there.error, "link-reset", "reset");
        check(there.code === "link-reset", "the close says so too");
        checkLinkError(here.error, "link-closed", "closed");
        check(!far.send(text("into the void")), "a closed link takes nothing");
        far.link.end();
        far.link.abort();
        far.link.pause();
        far.link.resume();
      }),
  },
  {
    name: "tells an abort in the middle of a flood, on both sides, once",
    timeoutMs: 20_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }) => {
        near.onDrain = () => near.fill(65_536, 1_000);
        far.onChunk = () => {
          if (far.bytes > 3_000_000) far.link.abort();
        };
        near.fill(65_536, 1_000);
        const [here, there] = await Promise.all([near.whenClosed, far.whenClosed]);
        checkLinkError(here.error, "link-reset", "reset");
        checkLinkError(there.error, "link-closed", "closed");
        await turns(lab.runtime, 10);
        check(near.link.buffered === 0, "a closed link refers to nothing");
      }),
  },
  {
    name: "tells an abort that came before start",
    timeoutMs: 5_000,
    run: (lab) =>
      withRawPair(lab, async (nearLink, farLink) => {
        const near = new End(nearLink);
        near.start();
        near.link.abort();
        await near.whenClosed;
        await turns(lab.runtime, 10);
        const far = new End(farLink);
        far.start();
        checkLinkError((await far.whenClosed).error, "link-reset", "reset");
      }),
  },
  {
    name: "can be given up in the turn in which it opens, with bytes on their way, again and again",
    timeoutMs: 20_000,
    async run(lab) {
      const accepted: End[] = [];
      const listener = await listen(lab, lab.url(), (link) => {
        const end = new End(link);
        accepted.push(end);
        end.onEnd = () => link.end();
        end.start();
        end.send(new Uint8Array(100_000));
      });
      for (let count = 0; count < 50; count++) {
        const near = new End(await dial(lab, new URL(listener.url)));
        near.start();
        near.send(new Uint8Array(100_000));
        await turns(lab.runtime, count % 3);
        near.link.abort();
        checkLinkError((await near.whenClosed).error, "link-closed", "closed");
      }
      await Promise.all(accepted.map((end) => end.whenClosed));
      await listener.close();
      check([...accepted].every((end) => end.closes === 1 && end.broken === undefined), "each closes once and last");
    },
  },
  {
    name: "is refused where nobody listens, and says where",
    timeoutMs: 5_000,
    async run(lab) {
      const url = lab.deadUrl();
      const error = await rejection(dial(lab, url));
      checkLinkError(error, "link-refused", "refused");
      check(error.message.includes(url.host), `the message names ${url.host}: ${error.message}`);
    },
  },
  {
    name: "cannot listen twice on one address, and can again after close",
    timeoutMs: 5_000,
    async run(lab) {
      const first = await listen(lab, lab.url(), () => {});
      const error = await rejection(listen(lab, new URL(first.url), () => {}));
      checkLinkError(error, "port-in-use", "in-use");
      await first.close();
      await first.close();
      await first.closed;
      await (await listen(lab, new URL(first.url), () => {})).close();
    },
  },
  {
    name: "keeps accepted links when the listener closes, and takes no new ones",
    timeoutMs: 5_000,
    run: (lab) =>
      withPair(lab, async ({ near, far }, listener) => {
        await listener.close();
        checkLinkError(await rejection(dial(lab, new URL(listener.url))), "link-refused", "refused");
        near.send(text("still here"));
        await far.until(() => far.text() === "still here");
      }),
  },
  {
    name: "gives a dial up when the signal says so, with its reason, and leaves no link behind",
    timeoutMs: 5_000,
    async run(lab) {
      const accepted: End[] = [];
      const listener = await listen(lab, lab.url(), (link) => {
        const end = new End(link);
        end.start();
        accepted.push(end);
      });
      const url = new URL(listener.url);
      const reason = new Error("no longer wanted");
      const early = await rejection(dial(lab, url, { signal: AbortSignal.abort(reason) }));
      check(early === reason, "a signal that was aborted before rejects with its reason");
      const control = new AbortController();
      const late = dial(lab, url, { signal: control.signal });
      control.abort(reason);
      const outcome = await late.then(() => "opened", (error: unknown) => error);
      // A transport without a network may have connected before the signal could fire.
      if (outcome === "opened") (await late).abort();
      else check(outcome === reason, "the reason is the signal's");
      await turns(lab.runtime, 20);
      for (const end of accepted) await end.whenClosed;
      await listener.close();
      const after = new AbortController();
      const second = await listen(lab, lab.url(), (link) => new End(link).start());
      const link = await dial(lab, new URL(second.url), { signal: after.signal });
      const end = new End(link);
      end.start();
      after.abort(reason);
      await turns(lab.runtime, 5);
      check(!end.isClosed, "after the dial the signal means nothing to the link");
      link.abort();
      await end.whenClosed;
      await second.close();
    },
  },
  {
    name: "carries 200 links at once without mixing them, and each closes once",
    timeoutMs: 20_000,
    async run(lab) {
      const accepted: End[] = [];
      const listener = await listen(lab, lab.url(), (link) => {
        const end = new End(link);
        accepted.push(end);
        end.onChunk = (chunk) => void end.send(chunk.slice());
        end.onEnd = () => end.link.end();
        end.start();
      });
      const url = new URL(listener.url);
      const ends = await Promise.all(Array.from({ length: 200 }, async (_, n) => {
        const end = new End(await dial(lab, url));
        end.start();
        end.send(text(`link ${n}`));
        await end.until(() => end.text() === `link ${n}`);
        end.link.end();
        return end;
      }));
      const infos = await Promise.all([...ends, ...accepted].map((end) => end.whenClosed));
      check(infos.length === 400, "there are 400 ends");
      check(infos.every((info) => info.error === undefined), "all close cleanly");
      await turns(lab.runtime, 5);
      check([...ends, ...accepted].every((end) => end.closes === 1 && end.broken === undefined), "each once and last");
      await listener.close();
    },
  },
];

/** A link with everything it told, and a wait for any of it. */
class End implements LinkSink {
  readonly link: Link;
  readonly whenClosed: Promise<CloseInfo>;
  onChunk: ((chunk: Uint8Array) => void) | undefined;
  onDrain: (() => void) | undefined;
  onEnd: (() => void) | undefined;
  bytes = 0;
  chunks = 0;
  drains = 0;
  ends = 0;
  closes = 0;
  #head = "";
  #sending = false;
  #waiting: { readonly when: () => boolean; readonly go: () => void; readonly fail: (error: Error) => void }[] = [];
  #settle: (info: CloseInfo) => void = () => {};
  /** The first thing that was told when nothing may be told. */
  broken: Error | undefined;

  constructor(link: Link) {
    this.link = link;
    this.whenClosed = new Promise((resolve) => this.#settle = resolve);
  }

  get isClosed(): boolean {
    return this.closes > 0;
  }

  start(): void {
    this.link.start(this);
  }

  /** Sends, and complains if the link tells something meanwhile. */
  send(bytes: Uint8Array): boolean {
    this.#sending = true;
    try {
      return this.link.send(bytes);
    } finally {
      this.#sending = false;
    }
  }

  /** Sends fresh chunks until the link says false, or `most` of them. */
  fill(chunkBytes: number, most: number): void {
    for (let n = 0; n < most && this.send(new Uint8Array(chunkBytes)); n++);
  }

  /** The first bytes, as ASCII. */
  text(): string {
    return this.#head;
  }

  /** Waits until the condition holds. It is looked at again after everything the link tells. */
  until(when: () => boolean): Promise<void> {
    return new Promise((go, fail) => {
      this.#waiting.push({ when, go, fail });
      this.#look();
    });
  }

  chunk(borrowed: Uint8Array): void {
    this.#heard("chunk");
    check(borrowed.constructor === Uint8Array, "a chunk is a plain Uint8Array");
    this.bytes += borrowed.length;
    this.chunks++;
    if (this.#head.length < 256) this.#head += String.fromCharCode(...borrowed.subarray(0, 256));
    this.onChunk?.(borrowed);
    this.#look();
  }

  drain(): void {
    this.#heard("drain");
    this.drains++;
    this.onDrain?.();
    this.#look();
  }

  end(): void {
    this.#heard("end");
    this.ends++;
    this.onEnd?.();
    this.#look();
  }

  closed(info: CloseInfo): void {
    this.#heard("closed");
    this.closes++;
    this.#settle(info);
    this.#look();
  }

  #heard(what: string): void {
    if (this.#sending) this.broken ??= new Error(`Broken promise: ${what} is not told from inside send.`);
    if (this.closes > 0) this.broken ??= new Error(`Broken promise: ${what} is not told after closed.`);
  }

  #look(): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ when, go, fail }) => {
      if (this.broken !== undefined) fail(this.broken);
      else if (when()) go();
      else if (this.closes > 0) fail(new Error(`The link closed while something else was awaited: ${String(when)}`));
      else return true;
      return false;
    });
  }
}

/** The two ends of a link, made by dialling a listener. Afterwards everything is closed. */
async function withRawPair(
  lab: LinkLab,
  run: (near: Link, far: Link, listener: Listener) => Promise<void>,
): Promise<void> {
  let take: (link: Link) => void = () => {};
  const accepted = new Promise<Link>((resolve) => take = resolve);
  const listener = await listen(lab, lab.url(), (link) => take(link));
  try {
    const near = await dial(lab, new URL(listener.url));
    const far = await accepted;
    try {
      await run(near, far, listener);
    } finally {
      near.abort();
      far.abort();
    }
  } finally {
    await listener.close();
  }
}

async function withPair(
  lab: LinkLab,
  run: (ends: { readonly near: End; readonly far: End }, listener: Listener) => Promise<void>,
): Promise<void> {
  await withRawPair(lab, async (nearLink, farLink, listener) => {
    const near = new End(nearLink);
    const far = new End(farLink);
    near.start();
    far.start();
    try {
      await run({ near, far }, listener);
    } finally {
      near.link.abort();
      far.link.abort();
      await Promise.all([near.whenClosed, far.whenClosed]);
      await turns(lab.runtime, 2);
    }
    for (const end of [near, far]) {
      check(end.closes === 1, "closed is told once");
      if (end.broken !== undefined) throw end.broken;
    }
  });
}

/**
 * Sends a known pattern in chunks of all sizes and scribbles over each buffer as soon as the link says that it no
 * longer refers to it. The reader stops every megabyte and goes on only when the sender was told to wait, so that the
 * kernel's memory is full again and again, which is when a wrong `buffered` shows.
 */
async function flood(runtime: Runtime, sender: End, reader: End): Promise<void> {
  let at = 0;
  let reused = 0;
  let stalls = 0;
  let stalled = false;
  let size = 1;
  let buffer = new Uint8Array(200_000);
  const lent: Uint8Array[] = [];
  const goOn = () => runtime.clock.wake(runtime.clock.now() + 1, () => reader.link.resume());

  const scribble = () => {
    if (sender.link.buffered > 0) return;
    for (const chunk of lent) chunk.fill(0xee);
    reused += lent.length;
    lent.length = 0;
  };

  const pump = () => {
    stalled = false;
    scribble();
    while (at < FLOOD_BYTES) {
      size = (size * 48_271) % 2_147_483_647;
      // Mostly small, now and then large: what a protocol writes.
      const length = Math.min(FLOOD_BYTES - at, 1 + size % (size % 5 === 0 ? 200_000 : 9_000));
      if (lent.length > 0) buffer = new Uint8Array(length);
      else if (buffer.length < length) buffer = new Uint8Array(200_000);
      const chunk = buffer.subarray(0, length);
      fillPattern(chunk, at);
      at += length;
      const more = sender.send(chunk);
      lent.push(chunk);
      scribble();
      if (!more) {
        stalled = true;
        stalls++;
        goOn();
        return;
      }
    }
    sender.link.end();
    stalled = true;
    goOn();
  };

  let restAt = 1_000_000;
  const reading = readPattern(reader, () => {
    if (reader.bytes < restAt) return;
    restAt = reader.bytes + 1_000_000;
    reader.link.pause();
    if (stalled) goOn();
  });
  sender.onDrain = pump;
  pump();
  await reader.until(() => reader.ends === 1 || reading.wrongAt() >= 0);
  reading.check(FLOOD_BYTES);
  check(reused > 0, "the sender reused its buffers");
  check(stalls > 5, `the sender was made to wait (${stalls} times)`);
}

/** Compares what an end reads with the pattern. */
function readPattern(end: End, then: () => void = () => {}): { wrongAt(): number; check(bytes: number): void } {
  let got = 0;
  let wrongAt = -1;
  end.onChunk = (chunk) => {
    const offset = firstDifference(chunk, got);
    if (offset >= 0 && wrongAt < 0) wrongAt = got + offset;
    got += chunk.length;
    then();
  };
  return {
    wrongAt: () => wrongAt,
    check(bytes) {
      check(wrongAt < 0, `byte ${wrongAt} is what was sent`);
      check(got === bytes, `${bytes} bytes arrive, not ${got}`);
    },
  };
}

function patternAt(from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  fillPattern(bytes, from);
  return bytes;
}

/** The pattern repeats after a prime number of bytes and changes with each repetition, so that no shift goes unseen. */
const PERIOD = 65_521;
const pattern = (() => {
  const bytes = new Uint8Array(PERIOD);
  let state = 12_345;
  for (let n = 0; n < PERIOD; n++) {
    state = (state * 48_271) % 2_147_483_647;
    bytes[n] = state >>> 8;
  }
  return bytes;
})();

function fillPattern(into: Uint8Array, from: number): void {
  let index = from % PERIOD;
  let turn = Math.floor(from / PERIOD) * 29;
  for (let n = 0; n < into.length; n++) {
    into[n] = (pattern[index] as number) ^ turn;
    if (++index === PERIOD) {
      index = 0;
      turn += 29;
    }
  }
}

/** The offset of the first byte that is not the pattern's at `from`, or -1. */
function firstDifference(bytes: Uint8Array, from: number): number {
  let index = from % PERIOD;
  let turn = Math.floor(from / PERIOD) * 29;
  for (let n = 0; n < bytes.length; n++) {
    if (bytes[n] !== (((pattern[index] as number) ^ turn) & 0xff)) return n;
    if (++index === PERIOD) {
      index = 0;
      turn += 29;
    }
  }
  return -1;
}

async function dial(lab: LinkLab, url: URL, options: DialOptions = {}): Promise<Link> {
  const link = await lab.transport.dial(lab.runtime, url, { ...lab.tls && { tls: lab.tls.dial }, ...options });
  if (link.kind === "session") throw new Error("The transport gave a session, not a link.");
  return link;
}

async function listen(lab: LinkLab, url: URL, accept: (link: Link) => void): Promise<Listener> {
  if (lab.transport.listen === undefined) throw new Error("The transport does not listen.");
  return await lab.transport.listen(lab.runtime, url, { ...lab.tls && { tls: lab.tls.listen } }, (link) => {
    if (link.kind !== "session") accept(link);
  });
}

/** Lets the host do what it has to do, a number of times. For showing that nothing happens; never to wait for it. */
async function turns(runtime: Runtime, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await new Promise<void>((resolve) => void runtime.clock.wake(runtime.clock.now() + 1, resolve));
  }
}

async function rejection(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.then(() => undefined, (error: unknown) => error);
  check(outcome instanceof Error, "it fails");
  return outcome as Error;
}

function checkLinkError(error: Error | undefined, code: string, reason: string): void {
  check(error instanceof LinkError, `it is a LinkError, not ${error}`);
  check((error as LinkError).code === code, `its code is ${code}, not ${(error as LinkError).code}`);
  check((error as LinkError).reason === reason, `its reason is ${reason}, not ${(error as LinkError).reason}`);
}

function check(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`Broken promise: ${promise}.`);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
