// Request-n arithmetic at its edges.
import { describe, expect, it } from "#test";
import { addCredit, isRequestN, MAX_REQUEST_N } from "./credit.ts";

describe("credit", () => {
  it("adds up and stays at 2^31-1", () => {
    expect(addCredit(0, 1)).toBe(1);
    expect(addCredit(MAX_REQUEST_N - 1, 1)).toBe(MAX_REQUEST_N);
    expect(addCredit(MAX_REQUEST_N, 1)).toBe(MAX_REQUEST_N);
    expect(addCredit(MAX_REQUEST_N, MAX_REQUEST_N)).toBe(MAX_REQUEST_N);
    expect(MAX_REQUEST_N).toBe(2 ** 31 - 1);
  });

  it("is asked for in whole numbers from 1 to 2^31-1", () => {
    expect([1, 2, MAX_REQUEST_N].every(isRequestN)).toBe(true);
    expect([0, -1, 0.5, 1.5, MAX_REQUEST_N + 1, Number.NaN, Infinity].some(isRequestN)).toBe(false);
  });
});
