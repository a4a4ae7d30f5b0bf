// The callback level, for what must be fast: no promises, no queues, borrowed bytes. It never copies what it need not.
//
// It prints:
//
//   answer: hello
//   item 1
//   item 2
//   asks for 2 more
//   item 3
//   item 4
//   asks for 2 more
//   item 5
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();
const bytes = new TextEncoder();

const server = await serve("memory://fast", {
  callbacks: {
    requestResponse(request, requester) {
      // Borrowed bytes are valid until this returns; what is sent must be owned.
      const data = request.owned ? request.data : request.data.slice();
      requester.payload(request.id, data, undefined, true);
    },
    requestStream(request, requester) {
      let n = 0;
      /** @param {number} wanted */
      const send = (wanted) => {
        for (let left = wanted; left > 0 && n < 5; left--) {
          n++;
          requester.payload(request.id, bytes.encode(`item ${n}`), undefined, n === 5);
        }
      };
      send(request.n);
      // Who hears of the rest of this stream: more demand, a cancel, its end.
      return { next() {}, complete() {}, error() {}, requestN: send, cancel: () => console.log("server: cancelled") };
    },
  },
});
const client = await connect("memory://fast");
const { requester } = client;

await new Promise((resolve, reject) => {
  requester.requestResponse(bytes.encode("hello"), undefined, {
    next: (data) => resolve(console.log(`answer: ${text.decode(data)}`)),
    complete: () => resolve(undefined), // without an answer
    error: reject,
  });
});

await new Promise((resolve, reject) => {
  let left = 2;
  const id = requester.requestStream(bytes.encode("items"), undefined, left, {
    next(data, _metadata, complete) {
      console.log(text.decode(data));
      if (complete) return resolve(undefined);
      if (--left > 0) return;
      console.log("asks for 2 more");
      left = 2;
      requester.requestN(id, left);
    },
    complete: () => resolve(undefined),
    error: reject,
  });
});

await client.close();
await server.close();
