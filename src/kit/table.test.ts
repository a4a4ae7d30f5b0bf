// Transition tables: the compiled cells say what the table says, and the diagram draws all of it.
import { describe, expect, it } from "#test";
import { compile, diagram, type Table } from "./table.ts";

const states = ["a", "b", "c"] as const;
const events = ["go", "turn", "end"] as const;
const table: Table<(typeof states)[number], (typeof events)[number]> = {
  a: { go: "b", turn: "b", end: "c" },
  b: { go: "b" },
  c: {},
};

describe("a table", () => {
  it("compiles to one number for each state and event, -1 where it is not allowed", () => {
    expect([...compile(table, states, events)]).toEqual([1, 1, 2, 1, -1, -1, -1, -1, -1]);
  });

  it("is drawn with one arrow for the events that lead the same way", () => {
    expect(diagram(table, "a", "c")).toBe(
      ["stateDiagram-v2", "  [*] --> a", "  a --> b: go, turn", "  a --> c: end", "  b --> b: go", "  c --> [*]"].join(
        "\n",
      ),
    );
  });
});
