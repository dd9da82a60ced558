/** Progress and quizzes of an attached video. See README.md. What the server says always wins. */

import { Asking } from "./asking.js";
import { Dialog, told } from "./dialog.js";
import { el } from "./elements.js";
import { Panel } from "./panel.js";
import { Places } from "./places.js";
import { contains } from "./spans.js";
import { standing } from "./standing.js";
import { style } from "./style.js";
import { QUIZ } from "./texts.js";

/** @import { Handle, PlayEvent, Progress, QuizAnswers } from "../../index.js" */
/** @import { Shown, ShowOptions } from "../../ui.js" */
/** @import { Asked } from "./standing.js" */
/** @typedef {{quizId: string, session: string, seq: number}} HandedIn  seq 0: not accepted yet */

const DRAW_MS = 1000;

/** @param {HTMLMediaElement} video @param {Handle} handle @param {ShowOptions} options @returns {Shown} */
export function show(video, handle, options) {
  return new Showing(video, handle, options);
}

class Showing {
  #stop = new AbortController();
  #host = el("div");
  #places = new Places();
  #away = false;
  #offers = true;
  #wasPlaying = false;
  /** @type {HandedIn | null} */
  #handedIn = null;
  /** @type {string} */
  #session = "";
  /** @type {Progress | null} */
  progress = null;

  /** @param {HTMLMediaElement} video @param {Handle} handle @param {ShowOptions} options */
  constructor(video, handle, { mount }) {
    const { signal } = this.#stop;
    this.video = video;
    this.handle = handle;
    this.panel = new Panel({ seek: (ms) => this.#seek(ms), ask: (id) => this.#choose(id) });
    this.dialog = new Dialog({
      hand: (id, answers) => this.#hand(id, answers), closed: (passed) => this.#closed(passed) });
    this.asking = new Asking(handle, (progress, of) => this.#heard(progress, of), signal);
    const root = this.#host.attachShadow({ mode: "open" });
    style(root);
    root.append(this.panel.element, this.dialog.element);
    mount.append(this.#host);
    this.#listen(signal);
    this.#begin();
  }

  refresh() {
    this.asking.soon();
  }

  remove() {
    this.#stop.abort();
    this.dialog.element.close();
    this.#host.remove();
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const { video, handle } = this;
    for (const name of ["timeupdate", "ended"])
      video.addEventListener(name, () => this.#look(), { signal });
    video.addEventListener("seeking", () => {
      this.#offers = false;
      this.#places.jumped(video.currentTime * 1000, this.#now.quizzes);
      this.#draw();
    }, { signal });
    for (const name of /** @type {const} */ (["accepted", "refused", "lost"]))
      handle.addEventListener(name, ({ detail }) => this.#told(name, detail), { signal });
    handle.addEventListener("changed", () => this.#begin(), { signal });
    const timer = setInterval(() => video.paused || this.#draw(), DRAW_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  get #now() {
    const { play } = this.handle;
    return standing(play ?? /** @type {any} */ ({}), this.progress);
  }

  /** Another film, or the first: the play says itself how it stands. */
  #begin() {
    const { play } = this.handle;
    this.#host.hidden = !play;
    if (!play || play.session_id === this.#session) return;
    this.#session = play.session_id;
    this.#handedIn = this.asking.waiting = null;
    this.#offers = true;
    this.#places = new Places();
    this.progress = play.progress ?? null;
    this.#draw();
    this.asking.soon();
  }

  #draw() {
    const now = this.#now;
    const { played, currentTime } = this.video;
    const ahead = Array.from({ length: played.length }, (_, i) =>
      [played.start(i) * 1000, played.end(i) * 1000]).flat();
    this.panel.draw(now, ahead, this.#away);
    const near = Math.abs(now.continueAt - currentTime * 1000) < DRAW_MS;
    this.panel.offer(this.#offers && !near && now.state !== "done" ? now.continueAt : 0);
  }

  /** @param {number} ms */
  #seek(ms) {
    this.video.currentTime = ms / 1000;
    this.video.play().catch(() => {});
  }

  #look() {
    const { video, dialog } = this;
    if (dialog.one || (video.paused && !video.ended) || video.seeking) return;
    const now = this.#now;
    if (now.state === "done") return;
    const one = this.#places.reached(
      video.currentTime * 1000, video.playbackRate, now.quizzes, video.ended);
    if (one) this.#ask(one);
  }

  /** @param {string} quizId */
  #choose(quizId) {
    const one = this.#now.quizzes.find(({ quiz }) => quiz.quiz_id === quizId);
    if (one) this.#ask(one);
  }

  /** @param {Asked} one */
  #ask(one) {
    const { video } = this;
    this.#wasPlaying = !video.paused && !video.ended;
    video.pause();
    // What comes after the quiz has to be watched after it, to the very beginning (rule 8).
    if (video.currentTime * 1000 > one.at && !video.ended) video.currentTime = one.at / 1000;
    /** @type {any} */ (video).webkitExitFullscreen?.(); // iPhones play above the page
    if (one.quiz.wording?.length) this.dialog.open(one, this.#handedIn?.quizId === one.quiz.quiz_id);
  }

  /** @param {string} quizId @param {QuizAnswers["answers"]} answers */
  #hand(quizId, answers) {
    this.#handedIn = { quizId, session: "", seq: 0 };
    this.panel.say("");
    this.handle.answer(quizId, answers);
  }

  /** @param {boolean} passed */
  #closed(passed) {
    const { quizzes } = this.#now;
    for (const { quiz, at } of quizzes)
      if (Math.abs(at - this.video.currentTime * 1000) < DRAW_MS) this.#places.skip(quiz.quiz_id);
    if (!passed) this.panel.say(QUIZ.skipped);
    if (this.#wasPlaying) this.video.play().catch(() => {});
  }

  /** @param {"accepted" | "refused" | "lost"} name @param {{session: string, events: PlayEvent[]}} detail */
  #told(name, { session, events }) {
    const handedIn = this.#handedIn;
    const event = events.find((one) => one.type === "quiz" && one.quiz_id === handedIn?.quizId);
    if (!handedIn || !event) return;
    if (name === "accepted") {
      Object.assign(handedIn, { session, seq: event.seq });
      this.asking.waiting = session;
      this.asking.soon();
    } else this.#marked(false, QUIZ.refused);
  }

  /** @param {Progress | null} progress @param {string} session */
  #heard(progress, session) {
    this.#away = !progress && !this.progress;
    if (progress) this.progress = progress;
    this.#draw();
    const { dialog } = this;
    const handedIn = this.#handedIn;
    const of = handedIn?.quizId ?? dialog.one?.quiz.quiz_id;
    const one = this.#now.quizzes.find(({ quiz }) => quiz.quiz_id === of);
    if (!progress || !one) return;
    if (one.passed) this.#marked(true, QUIZ.passed);
    else if (handedIn?.seq && session === handedIn.session && contains(progress.heard, handedIn.seq))
      this.#marked(false, QUIZ.failed);
  }

  /** @param {boolean} passed @param {string} words */
  #marked(passed, words) {
    const { dialog } = this;
    const quizId = this.#handedIn?.quizId ?? dialog.one?.quiz.quiz_id;
    const attempts = this.#now.quizzes.find(({ quiz }) => quiz.quiz_id === quizId)?.attempts ?? null;
    const was = this.#handedIn;
    this.#handedIn = this.asking.waiting = null;
    if (dialog.one?.quiz.quiz_id !== quizId) {
      if (was) this.panel.say(passed ? words : words + told(attempts));
    } else if (!passed) dialog.failed(attempts, words);
    else if (!dialog.one?.passed) dialog.passed();
  }
}
