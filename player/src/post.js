/** One post to the collector, and its answer. Never rejects: no answer is status 0. */

/** @import { PlayEvent } from "../index.js" */
/** @import { Answer } from "./verdict.js" */

const PATIENCE_MS = 30_000;

/** @type {Answer} */
export const NO_ANSWER = { status: 0, body: null, retryAfter: 0 };

/**
 * @param {string} url @param {string} token @param {PlayEvent[]} events
 * @returns {Promise<Answer>}
 */
export function post(url, token, events) {
  return answerOf(() => fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ events }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }));
}

/** @param {() => Promise<Response>} ask @returns {Promise<Answer>} */
export async function answerOf(ask) {
  try {
    const response = await ask();
    return {
      status: response.status,
      body: await response.json().catch(() => null),
      retryAfter: seconds(response.headers.get("Retry-After")) * 1000,
    };
  } catch {
    return NO_ANSWER;
  }
}

/** A date instead (a proxy's) would need a clock that is right: back-off alone has to do. */
const seconds = (/** @type {string | null} */ told) =>
  told && /^\d{1,5}$/.test(told) ? Number(told) : 0;
