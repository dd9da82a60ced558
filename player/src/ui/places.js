/** Which quiz playback has just come to. */

/** @import { Asked } from "./standing.js" */

const LOOKS_APART_MS = 3000; // more between two looks is a jump
const END_MS = 1000;         // films end a little before or after what is said of them

export class Places {
  #last = 0;
  /** @type {Set<string>} whose viewers went on without passing */
  #skipped = new Set();

  /** @param {string} quizId */
  skip(quizId) {
    this.#skipped.add(quizId);
  }

  /** A seek: what lies before it again is asked again. @param {number} now  media milliseconds */
  jumped(now, /** @type {Asked[]} */ quizzes) {
    this.#last = now;
    for (const { quiz, at } of quizzes) if (at > now) this.#skipped.delete(quiz.quiz_id);
  }

  /**
   * @param {number} now @param {number} rate @param {Asked[]} quizzes @param {boolean} ended
   * @returns {Asked | undefined}
   */
  reached(now, rate, quizzes, ended) {
    const last = this.#last;
    this.#last = now;
    if (now - last > LOOKS_APART_MS * Math.max(1, rate)) return undefined;
    return quizzes.find(({ quiz, at, passed }) => !passed && quiz.wording?.length
      && !this.#skipped.has(quiz.quiz_id)
      && ((last <= at && at <= now) || (ended && at >= now - END_MS)));
  }
}
