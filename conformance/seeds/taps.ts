// Listening at the seams, for tests: what a driver asks of its link and its clock. It changes nothing.
import type { Link } from "../../src/contract/link.ts";
import type { Clock } from "../../src/contract/runtime.ts";

/** A link with a list of what was asked of it. */
export interface TappedLink extends Link {
  /** "send 12", "end", "pause", "resume", "abort". */
  readonly calls: string[];
}

/** The same link, with its calls written down. */
export function tapLink(link: Link): TappedLink {
  const calls: string[] = [];
  return {
    calls,
    kind: link.kind,
    info: link.info,
    get buffered() {
      return link.buffered;
    },
    start: (sink) => link.start(sink),
    send(owned) {
      calls.push(`send ${owned.length}`);
      return link.send(owned);
    },
    pause() {
      calls.push("pause");
      link.pause();
    },
    resume() {
      calls.push("resume");
      link.resume();
    },
    end() {
      calls.push("end");
      link.end();
    },
    abort(code) {
      calls.push("abort");
      link.abort(code);
    },
  };
}

/** The same clock, with its wakes counted. */
export function tapClock(clock: Clock): Clock & { wakes: number } {
  const tapped = {
    wakes: 0,
    now: () => clock.now(),
    wake(atMs: number, run: () => void) {
      tapped.wakes++;
      return clock.wake(atMs, run);
    },
  };
  return tapped;
}
