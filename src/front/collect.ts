/**
 * A whole stream as an array.
 *
 * @module
 */
import type { Payload } from "./payload.ts";
import type { PayloadStream } from "./payload-stream.ts";

/**
 * Collects a stream. `limitRate`: items asked for at a time, 256 by default. `limitCount`: cancels after so many; 0 sends
 * nothing. Rejects with the stream's error; the items before it are lost.
 *
 * ```js
 * import { collect, connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://collect", { requestStream: () => ["a", "b", "c"] });
 * const client = await connect("memory://collect");
 * const all = await collect(client.requestStream("letters"));
 * all.length; // 3
 * const two = await collect(client.requestStream("letters"), { limitCount: 2 });
 * two.length; // 2
 * await server.close();
 * ```
 */
export function collect(
  stream: PayloadStream,
  options: { readonly limitRate?: number; readonly limitCount?: number } = {},
): Promise<Payload[]> {
  const { limitRate = 256, limitCount = Infinity } = options;
  return new Promise((resolve, reject) => {
    const items: Payload[] = [];
    stream.subscribe({
      onSubscribe(subscription) {
        if (limitCount <= 0) {
          subscription.cancel();
          return resolve(items);
        }
        let batch = Math.min(limitRate, limitCount);
        this.onNext = (item) => {
          items.push(item);
          if (items.length >= limitCount) {
            subscription.cancel();
            resolve(items);
          } else if (--batch === 0) {
            batch = Math.min(limitRate, limitCount - items.length);
            subscription.request(batch);
          }
        };
        subscription.request(batch);
      },
      onNext() {},
      onError: reject,
      onComplete: () => resolve(items),
    });
  });
}
