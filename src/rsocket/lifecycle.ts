/**
 * The state tables, as data. Everything about which frame may come or go when lives here, and nothing here knows bytes.
 * The diagrams in README.md are drawn from these tables. RSocket 1.0, "Stream Sequences and Lifetimes".
 *
 * @module
 */
import { FRAME_TYPE } from "./frame.ts";
import { compile, type Table } from "../kit/table.ts";

/** States of one stream. "sending": the peer is done, we go on. "receiving": we are done, the peer goes on. */
export const STREAM_STATES = ["assembling", "open", "sending", "receiving", "closed"] as const;
/** A state of a stream. */
export type StreamState = (typeof STREAM_STATES)[number];

/** What moves a stream: a frame we send or one we receive. */
export const STREAM_EVENTS = [
  "sendNext",
  "sendComplete",
  "sendError",
  "sendCancel",
  "sendRequestN",
  "recvNext",
  "recvComplete",
  "recvError",
  "recvCancel",
  "recvRequestN",
  "recvLastFragment",
] as const;
/** An event of a stream. */
export type StreamEvent = (typeof STREAM_EVENTS)[number];

/** The numbers of the states and events in the compiled tables. */
export const ASSEMBLING = 0;
export const OPEN = 1;
export const CLOSED = 4;
export const SEND_NEXT = 0;
export const SEND_COMPLETE = 1;
export const SEND_ERROR = 2;
export const SEND_CANCEL = 3;
export const SEND_REQUEST_N = 4;
export const RECV_NEXT = 5;
export const RECV_COMPLETE = 6;
export const RECV_ERROR = 7;
export const RECV_CANCEL = 8;
export const RECV_REQUEST_N = 9;
export const RECV_LAST_FRAGMENT = 10;

/** The interactions. */
export type Interaction = "response" | "fnf" | "stream" | "channel";
/** Which side of an interaction this is. */
export type StreamRole = "requester" | "responder";
type StreamTable = Table<StreamState, StreamEvent>;

const NEVER = {} as const;
// A request whose fragments are still coming: nothing was handed to the application yet.
const ASSEMBLING_ROW = {
  recvLastFragment: "open",
  recvCancel: "closed",
  recvError: "closed",
  sendError: "closed",
} as const;

/** One table for each interaction and role. An event that is missing is refused to the caller, or ignored from the peer. */
export const STREAM_TABLES: { readonly [I in Interaction]: { readonly [R in StreamRole]: StreamTable } } = {
  response: {
    requester: {
      assembling: NEVER,
      open: { recvNext: "closed", recvComplete: "closed", recvError: "closed", sendCancel: "closed" },
      sending: NEVER,
      receiving: NEVER,
      closed: NEVER,
    },
    responder: {
      assembling: ASSEMBLING_ROW,
      open: {
        sendNext: "closed",
        sendComplete: "closed",
        sendError: "closed",
        recvCancel: "closed",
        recvError: "closed",
      },
      sending: NEVER,
      receiving: NEVER,
      closed: NEVER,
    },
  },
  fnf: {
    // Nothing ever answers it, so it is over as soon as it is sent or was put together.
    requester: { assembling: NEVER, open: NEVER, sending: NEVER, receiving: NEVER, closed: NEVER },
    responder: {
      assembling: { recvLastFragment: "closed", recvCancel: "closed", recvError: "closed" },
      open: NEVER,
      sending: NEVER,
      receiving: NEVER,
      closed: NEVER,
    },
  },
  stream: {
    requester: {
      assembling: NEVER,
      open: {
        recvNext: "open",
        recvComplete: "closed",
        recvError: "closed",
        sendRequestN: "open",
        sendCancel: "closed",
      },
      sending: NEVER,
      receiving: NEVER,
      closed: NEVER,
    },
    responder: {
      assembling: ASSEMBLING_ROW,
      open: {
        sendNext: "open",
        sendComplete: "closed",
        sendError: "closed",
        recvRequestN: "open",
        recvCancel: "closed",
        recvError: "closed",
      },
      sending: NEVER,
      receiving: NEVER,
      closed: NEVER,
    },
  },
  channel: {
    requester: {
      assembling: NEVER,
      open: {
        sendNext: "open",
        sendRequestN: "open",
        recvNext: "open",
        recvRequestN: "open",
        sendComplete: "receiving",
        recvComplete: "sending",
        // The responder's CANCEL only stops our items.
        recvCancel: "receiving",
        sendError: "closed",
        sendCancel: "closed",
        recvError: "closed",
      },
      sending: {
        sendNext: "sending",
        recvRequestN: "sending",
        sendComplete: "closed",
        sendError: "closed",
        sendCancel: "closed",
        recvCancel: "closed",
        recvError: "closed",
      },
      // A REQUEST_N or CANCEL that crossed our last item says nothing any more.
      receiving: {
        recvNext: "receiving",
        sendRequestN: "receiving",
        recvComplete: "closed",
        recvError: "closed",
        sendCancel: "closed",
      },
      closed: NEVER,
    },
    responder: {
      assembling: ASSEMBLING_ROW,
      open: {
        sendNext: "open",
        sendRequestN: "open",
        recvNext: "open",
        recvRequestN: "open",
        sendComplete: "receiving",
        recvComplete: "sending",
        // Our CANCEL only stops the requester's items.
        sendCancel: "sending",
        sendError: "closed",
        recvCancel: "closed",
        recvError: "closed",
      },
      sending: {
        sendNext: "sending",
        recvRequestN: "sending",
        sendComplete: "closed",
        sendError: "closed",
        recvCancel: "closed",
        recvError: "closed",
      },
      receiving: {
        recvNext: "receiving",
        sendRequestN: "receiving",
        recvComplete: "closed",
        sendCancel: "closed",
        sendError: "closed",
        recvCancel: "closed",
        recvError: "closed",
      },
      closed: NEVER,
    },
  },
};

/** The interaction that a request frame begins, by the frame's type; undefined for other types. */
export const INTERACTIONS: readonly (Interaction | undefined)[] = byType((interaction) => interaction);

/** The compiled tables (kit/table.ts), by the type of the request frame. Numbers, because each request looks here. */
export const REQUESTER_CELLS: readonly (Int8Array | undefined)[] = byType((interaction) => {
  return compile(STREAM_TABLES[interaction].requester, STREAM_STATES, STREAM_EVENTS);
});
/** Likewise for the other side. */
export const RESPONDER_CELLS: readonly (Int8Array | undefined)[] = byType((interaction) => {
  return compile(STREAM_TABLES[interaction].responder, STREAM_STATES, STREAM_EVENTS);
});

function byType<T>(make: (interaction: Interaction) => T): (T | undefined)[] {
  const all = new Array<T | undefined>(FRAME_TYPE.REQUEST_CHANNEL + 1).fill(undefined);
  all[FRAME_TYPE.REQUEST_RESPONSE] = make("response");
  all[FRAME_TYPE.REQUEST_FNF] = make("fnf");
  all[FRAME_TYPE.REQUEST_STREAM] = make("stream");
  all[FRAME_TYPE.REQUEST_CHANNEL] = make("channel");
  return all;
}

/** States of a connection. A client begins "open": it may send requests right behind SETUP. */
export type ConnectionState = "awaitingSetup" | "deciding" | "open" | "closing" | "closed";
/** What moves a connection. */
export type ConnectionEvent =
  | "recvSetup"
  | "accept"
  | "reject"
  | "sendClose"
  | "recvClose"
  | "drained"
  | "fail"
  | "linkEnded";

/** The connection's table. RSocket 1.0, "Connection Establishment", and CONNECTION_CLOSE in "Error Codes". */
export const CONNECTION_TABLE: Table<ConnectionState, ConnectionEvent> = {
  awaitingSetup: { recvSetup: "deciding", sendClose: "closed", fail: "closed", linkEnded: "closed" },
  deciding: { accept: "open", reject: "closed", sendClose: "closed", fail: "closed", linkEnded: "closed" },
  open: { sendClose: "closing", recvClose: "closing", fail: "closed", linkEnded: "closed" },
  closing: { sendClose: "closing", recvClose: "closing", drained: "closed", fail: "closed", linkEnded: "closed" },
  closed: {},
};
