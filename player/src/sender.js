/** Sends a queue: one post at a time, in order, until every event of it is decided. */

import { backoff } from "./backoff.js";
import { postLeaving } from "./leaving.js";
import { post } from "./post.js";
import { judge } from "./verdict.js";
import { portion } from "./wire.js";

/** @import { PlayEvent, Refusal } from "../index.js" */
/** @import { Queue } from "./queue.js" */
/** @import { Answer } from "./verdict.js" */

const MOST_EVENTS = 200;

/**
 * @typedef {object} Heard  what becomes of events
 * @property {(events: PlayEvent[]) => void} accepted
 * @property {(events: PlayEvent[], errors: Refusal[]) => void} refused
 * @property {() => void} expired  the token is of no use any more; said again at each attempt
 * @property {() => void} [emptied]  every event is decided
 */

export class Sender {
  /** @type {Promise<void> | null} */
  #running = null;
  #failures = 0;
  #limit = MOST_EVENTS;
  #notBefore = 0; // both by performance.now()
  #toldUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #left = 0;
  #expired = false;

  /** @param {Queue} queue @param {Heard} heard */
  constructor(queue, heard) {
    this.queue = queue;
    this.heard = heard;
  }

  /** Send all there is, unless it is too early for another attempt. */
  send() {
    this.#running ??= this.#run().finally(() => { this.#running = null; });
    return this.#running;
  }

  /** The network is back: only what the server itself asked for is waited for. */
  online() {
    this.#notBefore = this.#toldUntil;
    return this.send();
  }

  /** The page may be gone at any moment: send what one post can hold, at once. */
  leave() {
    const events = portion(this.queue.pending, MOST_EVENTS);
    const newest = this.queue.pending.at(-1)?.seq ?? 0;
    if (this.#expired || newest <= this.#left) return;
    this.#left = newest;
    const { url, token } = this.queue.owner;
    postLeaving(url, token, events).then((answer) => {
      if (answer.status) this.#apply(answer, events);
      else this.#left = 0;
    });
  }

  /** No further attempts. */
  stop() {
    clearTimeout(this.#timer);
    this.#notBefore = Infinity;
  }

  async #run() {
    if (this.#expired && this.queue.pending.length) this.heard.expired();
    while (this.queue.pending.length && !this.#expired && performance.now() >= this.#notBefore) {
      const { url, token } = this.queue.owner;
      const events = portion(this.queue.pending, this.#limit);
      this.#apply(await post(url, token, events), events);
    }
  }

  /** @param {Answer} answer @param {PlayEvent[]} events */
  #apply(answer, events) {
    const verdict = judge(answer, events);
    if (verdict.fate === "wait") return this.#wait(answer.retryAfter);
    this.#failures = 0;
    if (verdict.fate === "expired") {
      this.#expired = true;
      return this.heard.expired();
    }
    if (verdict.fate === "less") {
      this.#limit = Math.ceil(events.length / 2);
      return;
    }
    this.#limit = Math.min(MOST_EVENTS, this.#limit * 2);
    this.#settle(events, verdict.refused, verdict.errors);
  }

  /** @param {PlayEvent[]} events @param {PlayEvent[]} refused @param {Refusal[]} errors */
  #settle(events, refused, errors) {
    this.queue.remove(events);
    const accepted = events.filter((event) => !refused.includes(event));
    if (accepted.length) this.heard.accepted(accepted);
    if (refused.length) this.heard.refused(refused, errors);
    if (!this.queue.pending.length) this.heard.emptied?.();
  }

  /** @param {number} told */
  #wait(told) {
    this.#failures += 1;
    const delay = backoff(this.#failures, told);
    this.#toldUntil = performance.now() + told;
    this.#notBefore = performance.now() + delay;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.send(), delay + 1);
  }
}
