/**
 * The last chance to send something: a page that is hidden may never run again. `unload` is not
 * dependable, `visibilitychange` is; `pagehide` is for Safari, `freeze` for tabs put to sleep.
 */

import { answerOf, NO_ANSWER } from "./post.js";

/** @import { PlayEvent } from "../index.js" */
/** @import { Answer } from "./verdict.js" */

/**
 * @param {() => void} leave  called when the page may be gone at any moment
 * @param {AbortSignal} signal
 */
export function whenLeaving(leave, signal) {
  const hidden = () => document.visibilityState === "hidden" && leave();
  document.addEventListener("visibilitychange", hidden, { signal });
  document.addEventListener("freeze", leave, { signal });
  addEventListener("pagehide", leave, { signal });
}

/**
 * Send events so that the page need not wait. The token goes in the body and the type is text:
 * then no preflight is needed, for which there may be no time. Where fetch cannot outlive the
 * page a beacon does, whose answer nobody sees.
 *
 * @param {string} url @param {string} token @param {PlayEvent[]} events
 * @returns {Promise<Answer>}
 */
export function postLeaving(url, token, events) {
  const body = JSON.stringify({ token, events });
  if ("keepalive" in Request.prototype)
    return answerOf(() => fetch(url, { method: "POST", body, keepalive: true }));
  navigator.sendBeacon(url, body);
  return Promise.resolve(NO_ANSWER);
}
