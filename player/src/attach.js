/** Wires a media element to the collector. See README.md. */

import { whenLeaving } from "./leaving.js";
import { Plays } from "./plays.js";
import { lookAt, sample } from "./sampling.js";
import { Tracker } from "./tracker.js";
import { heartbeat } from "./wire.js";

/** @import { Handle, Options, QuizAnswers } from "../index.js" */

const TICK_MS = 1000;

/** @param {HTMLMediaElement} video @param {Options} options @returns {Handle} */
export function attach(video, options) {
  return new Attached(video, options);
}

class Attached extends EventTarget {
  #stop = new AbortController();
  #video;
  #tracker;
  #plays;
  #beatMs;
  #beatAt = performance.now();

  /** @param {HTMLMediaElement} video @param {Options} options */
  constructor(video, options) {
    super();
    const end = options.resource ? Math.round(options.resource.duration_seconds * 1000) : Infinity;
    this.#video = video;
    this.#beatMs = options.heartbeat_seconds * 1000;
    this.#tracker = new Tracker((stretch) => this.#plays.current.queue.add(heartbeat(stretch)), end);
    this.#plays = new Plays(this, options, () => this.#cut(), this.#stop.signal);
    this.#listen();
  }

  get play() {
    return this.#plays.play;
  }

  get pending() {
    return [...this.#plays.all].reduce((sum, { queue }) => sum + queue.pending.length, 0);
  }

  /** @param {string} quizId @param {QuizAnswers["answers"]} answers */
  answer(quizId, answers) {
    this.#cut(); // what was played before the quiz gets the smaller number (rule 8)
    this.#plays.current.queue.add({ type: "quiz", quiz_id: quizId, answers });
    this.flush();
  }

  async flush() {
    this.#cut();
    await this.#plays.send();
  }

  async detach() {
    this.#cut();
    this.#stop.abort();
    await this.flush();
    this.#plays.finish();
  }

  #listen() {
    const { signal } = this.#stop;
    const stopSampling = sample(this.#video, this.#tracker);
    const timer = setInterval(() => this.#tick(performance.now()), TICK_MS);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      stopSampling();
    });
    this.#video.addEventListener("ended", () => this.flush(), { signal });
    addEventListener("online", () => this.#plays.online(), { signal });
    whenLeaving(() => {
      this.#cut();
      this.#plays.leave();
    }, signal);
  }

  /** @param {number} now */
  #tick(now) {
    this.#tracker.look(lookAt(this.#video));
    if (now - this.#beatAt >= this.#beatMs) {
      this.#beatAt = now;
      this.flush();
    } else if (this.#tracker.open) this.#plays.current.queue.draft(this.#tracker.open);
    this.#plays.tick(now);
  }

  #cut() {
    if (this.#stop.signal.aborted) return; // another film may be in the element by now
    this.#tracker.look(lookAt(this.#video));
    this.#tracker.cut();
  }
}
