/** What is shown of a play: the collector's answer, seen from the viewer's side. Pure. */

import { total, without } from "./spans.js";

/** @import { Play, Progress, ProgressInProgramme, Quiz } from "../../index.js" */

/**
 * @typedef {object} Asked  a quiz, and how it stands
 * @property {Quiz} quiz
 * @property {number} at  media milliseconds
 * @property {boolean} passed
 * @property {ProgressInProgramme["quizzes"][0]["attempts"]} attempts
 *
 * @typedef {object} Standing  all in media milliseconds
 * @property {ProgressInProgramme["state"] | null} state  null: not known
 * @property {boolean} counts    what is watched now counts for something
 * @property {number} duration
 * @property {number[]} covered
 * @property {number[]} settled  of that, what need not be watched again after a quiz
 * @property {number[]} toWatch
 * @property {Asked[]} quizzes   in the order of their places
 * @property {number} continueAt
 */

/** @param {Play} play @param {Progress | null} progress @returns {Standing} */
export function standing(play, progress) {
  const duration = (play.resource?.duration_seconds ?? 0) * 1000;
  const programmes = progress?.programmes ?? [];
  const counting = programmes.filter((one) => one.counts_now);
  const one = furthest(counting.length ? counting : programmes);
  const quizzes = asked(play, one);
  return {
    state: one?.state ?? null,
    counts: !one || one.counts_now,
    duration,
    covered: one?.covered ?? [],
    settled: one ? settled(one) : [],
    toWatch: one?.to_watch ?? [],
    quizzes,
    continueAt: progress?.continue_at_ms ?? 0,
  };
}

/** Of several programmes that list the film, the one that is furthest from done. */
function furthest(/** @type {ProgressInProgramme[]} */ programmes) {
  const left = (/** @type {ProgressInProgramme} */ one) =>
    one.state === "done" ? -1 : total(one.to_watch) + one.quizzes.filter((q) => !q.passed).length;
  return [...programmes].sort((a, b) => left(b) - left(a))[0];
}

/** @param {Play} play @param {ProgressInProgramme | undefined} one @returns {Asked[]} */
function asked(play, one) {
  return (play.quizzes ?? []).map((quiz) => {
    const known = one?.quizzes.find(({ quiz_id }) => quiz_id === quiz.quiz_id);
    return { quiz, at: quiz.at_seconds * 1000, passed: known?.passed ?? false,
      attempts: known?.attempts ?? null };
  }).sort((a, b) => a.at - b.at);
}

/** Behind a quiz that is not passed everything is missing. @param {ProgressInProgramme} one */
const settled = ({ covered, quizzes }) =>
  quizzes.reduce((left, { missing_after }) => without(left, missing_after), covered);
