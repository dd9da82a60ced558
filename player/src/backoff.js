/** How long to wait before the next attempt: exponential with full jitter, never before told. */

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * @param {number} failures  in a row, 1 after the first
 * @param {number} [told]    what the server asked for, in milliseconds
 * @param {() => number} [random]
 * @returns {number} milliseconds
 */
export function backoff(failures, told = 0, random = Math.random) {
  return told + random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
}
