// Back-pressure made visible: a slow client, and a server that makes what was asked for. It never makes one item more.
//
// It prints:
//
//   for await, which asks for 4 and for 2 more whenever 2 were taken
//   took 1, made so far: 4
//   took 2, made so far: 6
//   took 3, made so far: 6
//   took 4, made so far: 8
//   took 5, made so far: 8
//   took 6, made so far: 10
//   a subscriber, which asks for as many as it likes
//   asks for 1
//   got 1
//   asks for 3
//   got 2
//   got 3
//   got 4
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 20));
let made = 0;

const server = await serve("memory://numbers", {
  async *requestStream() {
    for (made = 1;; made++) yield String(made); // runs on as the client asks for more
  },
});
const client = await connect("memory://numbers");

console.log("for await, which asks for 4 and for 2 more whenever 2 were taken");
for await (const item of client.requestStream("numbers", { prefetch: 4 })) {
  await aMoment();
  console.log(`took ${text.decode(item.data)}, made so far: ${made}`);
  if (text.decode(item.data) === "6") break;
}

console.log("a subscriber, which asks for as many as it likes");
/** @type {import("headrace/rsocket").Subscription | undefined} */
let subscription;
client.requestStream("numbers").subscribe({
  onSubscribe: (given) => subscription = given,
  onNext: (item) => console.log(`got ${text.decode(item.data)}`),
  onError: (error) => console.log(error),
  onComplete: () => console.log("which never comes"),
});
for (const n of [1, 3]) {
  console.log(`asks for ${n}`);
  subscription?.request(n);
  await aMoment();
}
subscription?.cancel();

await client.close();
await server.close();
