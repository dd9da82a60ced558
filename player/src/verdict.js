/**
 * What an answer of the collector means for the events that were posted. Every status of
 * docs/reference/collector-status.md is here. Pure.
 */

/** @import { PlayEvent, Refusal } from "../index.js" */

/**
 * @typedef {object} Answer
 * @property {number} status  0: none came
 * @property {{accepted?: unknown, errors?: unknown} | null} body
 * @property {number} retryAfter  milliseconds, 0 if not told
 *
 * @typedef {"kept" | "wait" | "less" | "expired" | "settled"} Fate
 *   settled: every event of the post is decided; less: send fewer at once; expired: the token is
 *   of no use any more; wait: send the same again later
 *
 * @typedef {{fate: Fate, refused: PlayEvent[], errors: Refusal[]}} Verdict
 */

/**
 * @param {Answer} answer @param {PlayEvent[]} events
 * @returns {Verdict}
 */
export function judge({ status, body }, events) {
  const errors = errorsOf(body);
  /** @type {(fate: Fate, refused?: PlayEvent[]) => Verdict} */
  const is = (fate, refused = []) => ({ fate, refused, errors });
  if (status === 202) return is(body?.accepted === events.length ? "settled" : "wait");
  // A proxy may answer too, in words of its own. Only the collector's own refusals are final.
  if (!errors.length) return is(status === 413 ? lessOf(events) : "wait");
  if (status === 401) return is("expired");
  if (status === 413) return lessOf(events) === "less" ? is("less") : is("settled", events);
  if (status === 422 || status === 403) {
    const named = events.filter((_, at) => errors.some(({ loc }) => loc[0] === "events" && loc[1] === at));
    if (named.length && named.length + Number(body?.accepted) === events.length)
      return is("settled", named);
    // The post as a whole is at fault: find the event that is, and lose no other.
    return lessOf(events) === "less" ? is("less") : is("settled", events);
  }
  return is("wait"); // 400, 404, 405, 408, 429, 500, 503, and what nobody has thought of
}

/** @param {PlayEvent[]} events @returns {Fate} */
const lessOf = (events) => (events.length > 1 ? "less" : "wait");

/** @param {Answer["body"]} body @returns {Refusal[]} */
function errorsOf(body) {
  const errors = body?.errors;
  return Array.isArray(errors) && errors.every((one) => Array.isArray(one?.loc)) ? errors : [];
}
