/**
 * The machine contract: a protocol as a value. Bytes and time go in, ordered outputs come out.
 * Nothing here awaits, reads a clock or touches a link.
 *
 * A machine's methods stand in four groups, in this order: getters, inputs, commands, output. Commands are the
 * concrete class's own; this contract names the other three.
 *
 * @module
 */
import type { CloseInfo } from "./link.ts";

/**
 * One protocol connection without its I/O (sans-IO).
 *
 * How a host runs one: hand it what arrived (`receive`), take everything it has to say (`poll` until `undefined`),
 * arm one timer for `deadline`, and call `tick` when it is due. Whatever a peer sends never throws; what the caller
 * does wrong throws at once and changes nothing.
 *
 * A *lane* is one ordered byte path. Lane 0 is the link itself; a machine on a plain connection never uses another.
 * On a session (QUIC, WebTransport) lane 0 is the first bidirectional stream; for a machine that makes the session (QUIC
 * itself) it is the path of its packets. Lanes the machine opens are even
 * (2, 4, …), lanes the peer opens are numbered by the host and odd (1, 3, …).
 */
export interface Machine<E> {
  /** When `tick` is due, in the milliseconds of the `now` arguments. `Infinity` = never. */
  readonly deadline: number;
  /**
   * Bytes that are ready for the link and need not wait for the end of the input. Above 0 the host may poll at once,
   * even from inside an event, and gets only what is to be sent.
   */
  readonly ready: number;

  /**
   * Takes one chunk. It is borrowed: the machine reads it during the polls that follow, so poll until `undefined`
   * before the memory is reused. On a bytes link its borders mean nothing; on a messages link it is one message.
   */
  receive(chunk: Uint8Array, nowMs: number, lane?: number): void;
  /** The peer sends no more on this lane. `error` says why when it was not a clean end. */
  receiveEnd(nowMs: number, lane?: number, error?: Error): void;
  /** The peer gave up sending on this lane (RESET_STREAM) with its application code. Never lane 0. */
  receiveReset(code: number, nowMs: number, lane: number): void;
  /** The peer wants nothing more on this lane (STOP_SENDING), with its application code. Never lane 0. */
  receiveStop(code: number, nowMs: number, lane: number): void;
  /** Time passed: call it at `deadline` or later. Earlier does no harm, and tells the time to commands that follow. */
  tick(nowMs: number): void;
  /** The host has let go of every buffer `poll` gave it, so the machine may write into them again. Only a hint. */
  released(): void;

  /** The next output, in order, or `undefined` when there is nothing more until the next input or command. */
  poll(): Output<E> | undefined;
}

/** What a machine asks of its host, as one ordered union. */
export type Output<E> =
  /**
   * Send these bytes on this lane. They belong to the host until it calls `released`. On a messages link one `send` is
   * one message: the host neither joins nor cuts them.
   */
  | { readonly type: "send"; readonly lane: number; readonly bytes: Uint8Array }
  /** Open a lane (a bidirectional stream of the session), or say that no more is sent on it. */
  | { readonly type: "open" | "end"; readonly lane: number }
  /** Give up sending (`reset`) or receiving (`stop`) on a lane, with an application code. */
  | { readonly type: "reset" | "stop"; readonly lane: number; readonly code: number }
  /** Stop reading from the link, or go on: the machine holds what it was given and wants no more for now. */
  | { readonly type: "pause" | "resume"; readonly lane: number }
  /** Upgrade the link to TLS now; nothing is sent or read in clear text afterwards. */
  | { readonly type: "secure"; readonly serverName: string }
  /** Sign this nonce and answer with the machine's command for it. */
  | { readonly type: "sign"; readonly nonce: Uint8Array }
  /** Everything before it is to be sent, then the link is to be ended. Nothing follows. */
  | { readonly type: "close"; readonly info: CloseInfo }
  /** Something for the application. Byte fields of an event are borrowed until the next `poll` unless it says so. */
  | { readonly type: "event"; readonly event: E };
