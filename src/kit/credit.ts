/**
 * Request-n arithmetic. RSocket 1.0, "REQUEST_N": credits add up, and the sum stays at 2^31-1.
 *
 * @module
 */

/** The largest request n, and where sums stay. */
export const MAX_REQUEST_N = 0x7fff_ffff;

/** The sum of two credits, saturated. */
export function addCredit(credit: number, more: number): number {
  const sum = credit + more;
  return sum > MAX_REQUEST_N ? MAX_REQUEST_N : sum;
}

/** True for a request n that may be sent: an integer from 1 to 2^31-1. */
export function isRequestN(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= MAX_REQUEST_N;
}
