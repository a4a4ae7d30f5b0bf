/**
 * Letting promises run out between two virtual moments. It never waits for time to pass.
 *
 * How: one turn of the host's event loop through setImmediate, which has no duration. A turn is a task, and Node, Deno
 * and Bun empty the microtask queue before the next task begins, however long the chains of promises are. Inside the
 * queue the order is first in, first out, by the language itself, so what is seen after a turn does not depend on the
 * engine.
 *
 * What was refused: a fixed number of awaits cuts a long chain at a place that depends on how many microtasks a host's
 * own classes take (Web Streams differ), and that place would show in the trace. A message through a MessageChannel is
 * no task on Deno 2.9: a port that was read before takes a waiting message inside the microtask queue (1978 of 2000
 * chains were cut, against none with setImmediate).
 *
 * What a task of the host feeds (files, sockets, worker threads, `crypto.subtle`, real timers) is outside of this and
 * has no place in a simulation.
 *
 * @module
 */

// Taken when the module loads, so that a test runner's fake timers do not stop the simulation.
const { setImmediate: nextTurn } = globalThis as unknown as { setImmediate: (run: () => void) => unknown };

/** Waits until no microtask is left. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void nextTurn(resolve));
}
