/**
 * When a play is exchanged for a new one, and what goes over to it.
 *
 * A new play is a new session, and rule 16 lets a stretch count only from its session's start on.
 * So what was played under the old one is sent under the old one, while its token is valid; for
 * that to be long enough a play is renewed at half its life. README.md works out what that saves.
 */

import { backoff } from "./backoff.js";

/** @import { Play, PlayEvent } from "../index.js" */

// Half of what rule 16 forgives by default (`slack`): the other half stays for what it is for.
const FORGIVEN_MS = 5000;
const MAX_RATE = 2;

export class Renewal {
  #failures = 0;
  #notBefore = 0;

  /** @param {Play} play @param {number} now  monotonic @param {number} wallNow  epoch ms */
  constructor(play, now, wallNow) {
    this.half = (play.expires_at - (play.opened_at ?? wallNow)) / 2;
    this.since = now;
    this.wallSince = wallNow;
    this.expired = false;
  }

  /**
   * The wall clock counts too, for the other one stands still while a computer sleeps. If it is
   * wrong a play is renewed too early, which costs nothing.
   *
   * @param {number} now @param {number} wallNow
   */
  due(now, wallNow) {
    if (now < this.#notBefore) return false;
    return this.expired || now - this.since >= this.half || wallNow - this.wallSince >= this.half;
  }

  /** @param {number} now */
  failed(now) {
    this.#failures += 1;
    this.#notBefore = now + backoff(this.#failures);
  }
}

/**
 * The events of an expired play that its successor can still tell: quizzes, and the newest
 * stretches that together fit into the forgiven time.
 *
 * @param {PlayEvent[]} pending @returns {PlayEvent[]}
 */
export function young(pending) {
  let left = FORGIVEN_MS;
  const kept = pending.toReversed().filter((event) => {
    if (event.type === "heartbeat") left -= cost(event);
    return event.type === "quiz" || left >= 0;
  });
  return kept.reverse();
}

/** Wall milliseconds that a stretch spends (rule 16). @param {{from: number, to: number, rate: number}} stretch */
const cost = ({ from, to, rate }) => ((to - from) * 1000) / Math.min(rate, MAX_RATE);
