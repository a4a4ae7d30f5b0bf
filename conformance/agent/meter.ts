// A runtime that counts what the library under test takes from it: timers, connections and listeners, and the bytes that
// arrive. It changes nothing of what passes, so that what it counts is what a program without it would have.
import type { CloseInfo, Link, LinkSink, Session, SessionSink } from "../../src/contract/link.ts";
import type { Clock, Runtime } from "../../src/contract/runtime.ts";
import type { ListenOptions, Transport } from "../../src/contract/transport.ts";
import type { Counters } from "./counters.ts";

/** Hears how many bytes arrived on the links of one transport. */
export type Arrived = (bytes: number) => void;

/** The runtime with a clock and transports that count. `arrived` hears of every chunk before the library does. */
export function metered(runtime: Runtime, counters: Counters, arrived: Arrived): Runtime {
  return {
    ...runtime,
    random: (into) => runtime.random(into),
    clock: meteredClock(runtime.clock, counters),
    transports: runtime.transports.map((transport) => meteredTransport(transport, counters, arrived)),
  };
}

function meteredClock(clock: Clock, counters: Counters): Clock {
  return {
    now: () => clock.now(),
    wake(atMs, run) {
      const done = counters.hold("timers");
      const disarm = clock.wake(atMs, () => {
        done();
        run();
      });
      return () => {
        done();
        disarm();
      };
    },
  };
}

function meteredTransport(transport: Transport, counters: Counters, arrived: Arrived): Transport {
  const meter = <T extends Link | Session>(opened: T): T => {
    const closed = counters.hold("openConnections");
    if (opened.kind === "session") meterSession(opened, closed, arrived);
    else meterLink(opened, closed, arrived);
    return opened;
  };
  const listen = transport.listen?.bind(transport);
  return {
    schemes: transport.schemes,
    needs: transport.needs,
    dial: async (runtime, url, options) => meter(await transport.dial(runtime, url, options)),
    ...(listen === undefined ? {} : {
      async listen(runtime: Runtime, url: URL, options: ListenOptions, accept: (opened: Link | Session) => void) {
        const listener = await listen(runtime, url, options, (opened) => accept(meter(opened)));
        void listener.closed.then(counters.hold("listeners"));
        return listener;
      },
    }),
  };
}

function meterLink(link: Link, closed: () => void, arrived: Arrived): void {
  const start = link.start.bind(link);
  link.start = (sink: LinkSink) =>
    start({
      chunk(borrowed) {
        arrived(borrowed.length);
        sink.chunk(borrowed);
      },
      drain: () => sink.drain(),
      end: () => sink.end(),
      closed(info: CloseInfo) {
        closed();
        sink.closed(info);
      },
    });
}

/** The links of a session live and die with it, so only the session is counted; the bytes come by its links. */
function meterSession(session: Session, closed: () => void, arrived: Arrived): void {
  const start = session.start.bind(session);
  const open = session.open.bind(session);
  const ignore = () => {};
  const meter = (link: Link): Link => {
    meterLink(link, ignore, arrived);
    return link;
  };
  session.open = async (options) => meter(await open(options));
  session.start = (sink: SessionSink) =>
    start({
      stream: (link, unidirectional) => sink.stream(meter(link), unidirectional),
      datagram(borrowed) {
        arrived(borrowed.length);
        sink.datagram(borrowed);
      },
      closed(info: CloseInfo) {
        closed();
        sink.closed(info);
      },
    });
}
