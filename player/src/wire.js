/** Events as the collector takes them, and how many at once. */

/** @import { Heartbeat, PlayEvent } from "../index.js" */
/** @import { Stretch } from "./tracker.js" */

// Browsers let a page that is left send 64 KiB; the token and the brackets come on top.
const MOST_CHARS = 60_000;

/**
 * As the wire has it. The rate is rounded up to whole per cents, for the collector rounds to
 * the nearest: rounded down, a stretch would cost more wall time than it took (rule 16).
 *
 * @param {Stretch} stretch @returns {Omit<Heartbeat, "seq">}
 */
export function heartbeat({ from, to, rate }) {
  return {
    type: "heartbeat",
    from: from / 1000,
    to: to / 1000,
    rate: Math.ceil(Math.round(rate * 1e6) / 1e4) / 100,
  };
}

/**
 * The first events that fit into one post, at least one of them.
 *
 * @param {PlayEvent[]} pending @param {number} most
 */
export function portion(pending, most) {
  let chars = 0;
  const end = pending.slice(0, most).findIndex((event, at) => {
    chars += JSON.stringify(event).length;
    return chars > MOST_CHARS && at > 0;
  });
  return pending.slice(0, end < 0 ? most : end);
}
