/**
 * Transition tables as data: one row per state, compiled for fast steps, and drawn for the README.
 * It never runs anything: a table only says what is allowed.
 *
 * @module
 */

/** For each state, the events it allows and the state each leads to. An event that is missing is not allowed. */
export type Table<S extends string, E extends string> = { readonly [From in S]: { readonly [Event in E]?: S } };

/**
 * Compiles a table to one array: the number of the next state stands at `state * events.length + event`, or -1 where
 * the state does not allow the event. States and events are numbered by their order in the lists.
 */
export function compile<S extends string, E extends string>(
  table: Table<S, E>,
  states: readonly S[],
  events: readonly E[],
): Int8Array {
  const width = events.length;
  const cells = new Int8Array(states.length * width).fill(-1);
  states.forEach((from, row) => {
    events.forEach((event, column) => {
      const to = table[from][event];
      if (to !== undefined) cells[row * width + column] = states.indexOf(to);
    });
  });
  return cells;
}

/** The table as a Mermaid state diagram. Events that lead the same way share one arrow. */
export function diagram<S extends string, E extends string>(table: Table<S, E>, initial: S, final: S): string {
  const lines = ["stateDiagram-v2", `  [*] --> ${initial}`];
  for (const [from, row] of Object.entries(table) as [S, Partial<Record<E, S>>][]) {
    const arrows = new Map<S, E[]>();
    for (const [event, to] of Object.entries(row) as [E, S][]) arrows.set(to, [...(arrows.get(to) ?? []), event]);
    for (const [to, events] of arrows) lines.push(`  ${from} --> ${to}: ${events.join(", ")}`);
  }
  lines.push(`  ${final} --> [*]`);
  return lines.join("\n");
}
