// The case `fetch` of a page: a file by request-stream, kept whole and hashed by WebCrypto, which hashes no pieces.
import { collect } from "headrace/browser";
import type { Case } from "../agent/case.ts";
import { countAt, textAt } from "../agent/fields.ts";
import { scriptText } from "../agent/script.ts";

export const fetchWhole: Case = async (cx) => {
  const chunkBytes = countAt(cx.params, "chunkBytes");
  const socket = await cx.connect();
  const started = cx.now();
  const script = scriptText({ case: cx.uniqueName(), file: textAt(cx.params, "name"), chunkBytes });
  const chunks = (await collect(socket.requestStream(script, { signal: cx.signal }), { limitRate: 8 }))
    .map(({ data }) => data);
  const seconds = (cx.now() - started) / 1000;
  const whole = new Uint8Array(await new Blob(chunks).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { bytes: whole.length, items: chunks.length, seconds, sha256 };
};
