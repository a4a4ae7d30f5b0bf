/**
 * A whole stream as an array.
 *
 * @module
 */
import type { Payload } from "./payload.ts";
import type { PayloadStream } from "./payload-stream.ts";

/**
 * Collects a stream. `limitRate`: items asked for at a time. `limitCount`: cancels after so many; 0 sends nothing.
 * Rejects with the stream's error.
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
