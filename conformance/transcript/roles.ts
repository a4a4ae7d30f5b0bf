// The two ways most conversations begin: a server that took its client, and a client that has just said SETUP.
import { setup } from "./frames.ts";
import { Player, type PlayerOptions, type Reaction } from "./player.ts";

/** Takes every client, and then reacts as told. */
export function accepting(react?: Reaction): Reaction {
  return (event, machine) => {
    if (event.type === "setup") machine.accept();
    react?.(event, machine);
  };
}

/** A server that has accepted SETUP. Its lines begin after that. */
export function server(options: PlayerOptions = {}): Player {
  const player = new Player({ ...options, react: accepting(options.react) }).gets(setup());
  player.take();
  return player;
}

/** A client whose SETUP is sent. Its lines begin after that. */
export function client(options: PlayerOptions = {}): Player {
  const player = new Player({ ...options, role: "client" });
  player.take();
  return player;
}
