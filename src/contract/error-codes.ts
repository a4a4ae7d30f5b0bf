/**
 * The list of error codes: one line each, with its class and what the reader can do. The table in the folder's README
 * is generated from it. Codes are never renamed.
 *
 * @module
 */

/** One row of the list. */
export interface ErrorCodeRow {
  /** The class of errors with this code. */
  readonly class: "HeadraceError" | "UsageError" | "PeerError" | "RemoteError" | "LinkError";
  /** What has happened. */
  readonly means: string;
  /** What the reader can do about it. */
  readonly todo: string;
}

/** Every code this library gives. */
export const ERROR_CODES = {
  // UsageError
  "bad-argument": {
    class: "UsageError",
    means: "An argument has the wrong shape or value.",
    todo: "Read the message; it names the argument and what was given.",
  },
  "unknown-scheme": {
    class: "UsageError",
    means: "No transport knows the URL's scheme.",
    todo: "Use a scheme the message lists, or hand in the transport with the `transports` option.",
  },
  "missing-capability": {
    class: "UsageError",
    means: "The transport needs something this runtime does not have.",
    todo: "Use another transport, or another runtime.",
  },
  "missing-package": {
    class: "UsageError",
    means: "An optional package is not installed.",
    todo: "Run the install command in the message.",
  },
  "not-connected": {
    class: "UsageError",
    means: "The call needs an open connection.",
    todo: "Connect first, or wait for `connect()`.",
  },
  "closing": {
    class: "UsageError",
    means: "The connection is closing and takes no new requests.",
    todo: "Open a new connection.",
  },
  "already-used": {
    class: "UsageError",
    means: "A single-use stream was consumed twice.",
    todo: "Make a new request for each consumer.",
  },
  "no-demand": {
    class: "UsageError",
    means: "A payload was sent that the peer had not asked for.",
    todo: "Send only after requestN, and only as many.",
  },
  "wrong-state": {
    class: "UsageError",
    means: "The call is not allowed in the present state.",
    todo: "Read the message; it names the state.",
  },
  "payload-too-large": {
    class: "UsageError",
    means: "A payload does not fit the frames of the protocol.",
    todo: "Send less at once, or set `fragmentBytes`.",
  },
  "callback-threw": {
    class: "UsageError",
    means: "A callback of the application threw where it must not.",
    todo: "Mend the callback; the error is the `cause`.",
  },
  "streams-exhausted": {
    class: "UsageError",
    means: "All stream ids of this side are in use.",
    todo: "Wait for streams to end, or open another connection.",
  },
  "send-overflow": {
    class: "UsageError",
    means: "More than `maxSendBytes` wait to be sent already.",
    todo: "Wait for what was sent before asking for more, or raise the limit.",
  },

  // PeerError
  "not-rsocket": {
    class: "PeerError",
    means: "The peer speaks another protocol (often HTTP).",
    todo: "Check the address and the port.",
  },
  "frame-too-large": {
    class: "PeerError",
    means: "A frame is larger than `maxFrameBytes`.",
    todo: "Raise the limit, or let the peer fragment.",
  },
  "frame-malformed": {
    class: "PeerError",
    means: "A frame cannot be decoded.",
    todo: "Report it to whoever runs the peer; the message names the field.",
  },
  "frame-unknown": {
    class: "PeerError",
    means: "A frame of unknown type may not be ignored.",
    todo: "Check which protocol version the peer speaks.",
  },
  "setup-invalid": {
    class: "PeerError",
    means: "The first frame is not a valid SETUP.",
    todo: "Check that the client speaks RSocket 1.0.",
  },
  "setup-unsupported": {
    class: "PeerError",
    means: "SETUP asks for something this side does not do.",
    todo: "Change what the client asks for.",
  },
  "setup-timeout": {
    class: "PeerError",
    means: "No SETUP came within `setupTimeoutMs`.",
    todo: "Look for a client that connects and stays silent, or raise the limit.",
  },
  "keepalive-timeout": {
    class: "PeerError",
    means: "Nothing came from the peer for longer than the lifetime of SETUP.",
    todo: "Look for a lost network or a blocked peer; reconnect.",
  },
  "keepalive-too-large": {
    class: "PeerError",
    means: "A KEEPALIVE's data is larger than `maxKeepaliveBytes`.",
    todo: "Raise the limit if the peer is to be trusted.",
  },
  "payload-over-limit": {
    class: "PeerError",
    means: "A payload grew over `maxPayloadBytes` or another limit of payloads.",
    todo: "Raise the limit, or let the peer send less at once.",
  },
  "reassembly-idle": {
    class: "PeerError",
    means: "The next fragment of a payload did not come within `reassemblyIdleMs`.",
    todo: "Look for a blocked peer, or raise the limit.",
  },
  "too-many-breaches": {
    class: "PeerError",
    means: "The peer broke the rules on more than `maxBreaches` streams.",
    todo: "Report it to whoever runs the peer.",
  },
  "too-many-setups": {
    class: "PeerError",
    means: "More than `maxPendingSetups` clients wait to be accepted, or too many from one address.",
    todo: "Look for clients that connect and stay silent, or raise the limit.",
  },
  "slow-consumer": {
    class: "PeerError",
    means: "The peer does not read: over `maxSendBytes` wait for it, or nothing left for `writeStallMs`.",
    todo: "Look for a blocked peer; send less at once, or raise the limits.",
  },
  "requests-dropped": {
    class: "PeerError",
    means: "Fire-and-forget requests or metadata pushes came faster than they are handled, and were dropped.",
    todo: "Let the peer use requests with an answer, or raise the limit the message names.",
  },
  "fragment-invalid": {
    class: "PeerError",
    means: "Fragments came in an order that means nothing.",
    todo: "Report it to whoever runs the peer.",
  },
  "demand-exceeded": {
    class: "PeerError",
    means: "The peer sent more items than were asked for.",
    todo: "Report it to whoever runs the peer.",
  },

  // HeadraceError
  "public-error": {
    class: "HeadraceError",
    means: "An RSocketError: its code and text are meant for the peer.",
    todo: "Throw it from a handler to choose what the peer hears.",
  },

  // RemoteError
  "invalid-setup": { class: "RemoteError", means: "ERROR[INVALID_SETUP].", todo: "Check what SETUP carries." },
  "unsupported-setup": { class: "RemoteError", means: "ERROR[UNSUPPORTED_SETUP].", todo: "Ask for less in SETUP." },
  "rejected-setup": {
    class: "RemoteError",
    means: "ERROR[REJECTED_SETUP]: the server refused this client.",
    todo: "Check the setup payload, often a credential.",
  },
  "rejected-resume": { class: "RemoteError", means: "ERROR[REJECTED_RESUME].", todo: "Begin a new session." },
  "connection-error": {
    class: "RemoteError",
    means: "ERROR[CONNECTION_ERROR]: the peer ended the connection.",
    todo: "Read its text; reconnect.",
  },
  "connection-close": {
    class: "RemoteError",
    means: "ERROR[CONNECTION_CLOSE]: the peer is going away in order.",
    todo: "Reconnect, often elsewhere.",
  },
  "application-error": {
    class: "RemoteError",
    means: "ERROR[APPLICATION_ERROR]: the peer's handler failed.",
    todo: "Read its text; it is the peer application's.",
  },
  "rejected": {
    class: "RemoteError",
    means: "ERROR[REJECTED]: the peer did not begin the request.",
    todo: "Try again later, or elsewhere; nothing was done.",
  },
  "canceled": {
    class: "RemoteError",
    means: "ERROR[CANCELED]: the peer gave the request up after it began.",
    todo: "Find out what was done before trying again.",
  },
  "invalid": {
    class: "RemoteError",
    means: "ERROR[INVALID]: the request itself is wrong.",
    todo: "Change the request.",
  },
  "application-code": {
    class: "RemoteError",
    means: "An ERROR with a code of the application's own (0x301 and above), in `rsocketCode`.",
    todo: "Ask the peer's documentation.",
  },
  "unknown-error-code": {
    class: "RemoteError",
    means: "An ERROR with a code the specification does not give a meaning.",
    todo: "Look at `rsocketCode`.",
  },

  // LinkError
  "link-refused": {
    class: "LinkError",
    means: "Nobody listens there, or a WebSocket handshake was refused.",
    todo: "Check the address and the path, or start the server.",
  },
  "link-reset": { class: "LinkError", means: "The connection broke.", todo: "Reconnect." },
  "link-timeout": {
    class: "LinkError",
    means: "It took longer than allowed.",
    todo: "Raise `timeoutMs`, or check the network.",
  },
  "link-unreachable": { class: "LinkError", means: "The host cannot be found or reached.", todo: "Check the name." },
  "link-tls": {
    class: "LinkError",
    means: "TLS refused the peer.",
    todo: "Check the certificate, its name and its dates.",
  },
  "link-closed": { class: "LinkError", means: "The connection ended while it was needed.", todo: "Reconnect." },
  "port-in-use": {
    class: "LinkError",
    means: "Another program listens there.",
    todo: "Choose another port, or 0 for any.",
  },
} as const;

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CODES;
