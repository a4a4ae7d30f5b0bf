// Requests from a server to its clients: once connected, either side may ask. It never opens a second connection.
//
// It prints:
//
//   client: is asked what is your name?
//   client: is told welcome, Ada
//   server: reads 21.5
//   server: reads 21.7
//   server: reads 21.6
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();

const server = await serve("memory://desk", {
  async requestResponse(_question, { socket }) {
    const name = await socket.requestResponse("what is your name?"); // asked back before it answers
    return `welcome, ${text.decode(name.data)}`;
  },
});

const client = await connect("memory://desk", {
  handler: {
    requestResponse(question) {
      console.log(`client: is asked ${text.decode(question.data)}`);
      return "Ada";
    },
    requestStream: () => ["21.5", "21.7", "21.6"],
  },
});

const answer = await client.requestResponse("may I come in?");
console.log(`client: is told ${text.decode(answer.data)}`);

for (const socket of server.sockets) {
  for await (const reading of socket.requestStream("readings")) {
    console.log(`server: reads ${text.decode(reading.data)}`);
  }
}

await client.close();
await server.close();
