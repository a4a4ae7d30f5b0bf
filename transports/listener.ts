/**
 * A bound port as a Listener with its URL. It never binds anything.
 *
 * @module
 */
import type { CloseInfo } from "../src/contract/link.ts";
import type { TcpListener } from "../src/contract/runtime.ts";
import type { Listener } from "../src/contract/transport.ts";
import { hostPort } from "./address.ts";

/** The listener of a transport that has one port. */
export function listenerOf(scheme: string, bound: TcpListener): Listener {
  let settle: (info: CloseInfo) => void;
  const closed = new Promise<CloseInfo>((resolve) => settle = resolve);
  const close = async () => {
    await bound.close();
    settle({ code: "link-closed", reason: "the listener was closed" });
  };
  return { url: `${scheme}://${hostPort(bound.host, bound.port)}`, closed, close, [Symbol.asyncDispose]: close };
}
