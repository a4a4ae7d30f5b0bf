/**
 * From a link or a session to a peer that speaks. The one place where fronts tell the two apart.
 *
 * @module
 */
import { DEFAULT_LIMITS } from "../contract/limits.ts";
import type { Link, Session } from "../contract/link.ts";
import type { LaneSet } from "../drive/driver.ts";
import { driveAccepted, driveOpened } from "../drive/session.ts";
import { discard } from "./dial.ts";
import { Peer, type PeerOptions } from "./peer.ts";

/** Makes a peer over a link or over the streams of a session, and starts it. What fails gives the wire up. */
export async function establish(wire: Link | Session, options: Omit<PeerOptions, "link" | "lanes">): Promise<Peer> {
  try {
    const peer = wire.kind === "session" ? await overSession(wire, options) : new Peer({ ...options, link: wire });
    await peer.start();
    return peer;
  } catch (error) {
    discard(wire);
    throw error;
  }
}

async function overSession(session: Session, options: Omit<PeerOptions, "link" | "lanes">): Promise<Peer> {
  let peer: Peer | undefined;
  const make = (link: Link, lanes: LaneSet) => {
    peer = new Peer({ ...options, link, lanes });
    return peer.parts;
  };
  const { clock } = options.runtime;
  const { setupTimeoutMs = DEFAULT_LIMITS.setupTimeoutMs } = options.connection.limits ?? {};
  if (options.role === "client") await driveOpened(session, clock, make);
  else await driveAccepted(session, clock, setupTimeoutMs, make);
  return peer!;
}
