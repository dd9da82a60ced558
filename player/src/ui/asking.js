/**
 * Asks the collector where its play stands: soon after something was accepted, again until that is
 * decided, and slowly otherwise. Hidden pages ask nothing.
 */

import { backoff } from "../backoff.js";
import { answerOf } from "../post.js";
import { contains } from "./spans.js";

/** @import { Handle, Progress } from "../../index.js" */

const PATIENCE_MS = 15_000;
const SOON_MS = 500;        // a worker needs a moment
const APART_MS = 2000;      // the collector's own pace
const SLOW_MS = 60_000;
const LONGEST_MS = 30_000;

export class Asking {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #due = Infinity;
  #last = -APART_MS;
  #failures = 0;
  #waits = 0;
  /** @type {Map<string, string>} tokens by session */
  #tokens = new Map();
  /** @type {{session: string, seq: number} | null} the newest that was accepted */
  #wanted = null;
  #asked = "";

  /**
   * @param {Handle} handle
   * @param {(progress: Progress | null, session: string) => void} heard  null: nobody answers
   * @param {AbortSignal} signal
   */
  constructor(handle, heard, signal) {
    this.handle = handle;
    this.heard = heard;
    /** @type {string | null} the session whose mark is waited for */
    this.waiting = null;
    handle.addEventListener("accepted", ({ detail }) => this.#accepted(detail), { signal });
    document.addEventListener("visibilitychange", () => this.soon(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
    this.signal = signal;
  }

  /** @param {{session: string, events: {seq: number}[]}} detail */
  #accepted({ session, events }) {
    this.#remember();
    if (this.#tokens.has(session))
      this.#wanted = { session, seq: Math.max(...events.map(({ seq }) => seq)) };
    this.#waits = 0;
    this.soon();
  }

  /** As soon as its pace allows. */
  soon() {
    this.#at(performance.now() + SOON_MS);
  }

  /** No later than `due`. @param {number} due  monotonic */
  #at(due) {
    const wait = Math.max(due, this.#last + APART_MS);
    if (wait >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = wait;
    this.#timer = setTimeout(() => this.#ask(), wait - performance.now());
  }

  #remember() {
    const { play } = this.handle;
    if (play) this.#tokens.set(play.session_id, play.token);
  }

  async #ask() {
    this.#remember();
    const { play } = this.handle;
    if (!play || document.visibilityState === "hidden") {
      this.#due = Infinity;
      return;
    }
    const session = this.waiting && this.#tokens.has(this.waiting) ? this.waiting : play.session_id;
    this.#asked = session;
    const url = `${play.endpoint.replace(/\/+$/, "")}/v1/progress`;
    const headers = { Authorization: `Bearer ${this.#tokens.get(session)}` };
    const { status, body, retryAfter } = await answerOf(() =>
      fetch(url, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) }));
    this.#last = performance.now();
    this.#due = Infinity;
    if (this.signal.aborted) return;
    if (status === 200) this.#took(/** @type {any} */ (body));
    else this.#failed(retryAfter);
  }

  /** @param {number} retryAfter */
  #failed(retryAfter) {
    this.#failures += 1;
    this.#at(performance.now() + backoff(this.#failures, retryAfter));
    this.heard(null, this.#asked);
  }

  /** @param {Progress} progress */
  #took(progress) {
    this.#failures = 0;
    const wanted = this.#wanted;
    const decided = !wanted || wanted.session !== this.#asked || contains(progress.heard, wanted.seq);
    this.heard(progress, this.#asked);
    this.#waits = decided ? 0 : this.#waits + 1;
    this.#at(performance.now() + (decided && !this.waiting ? SLOW_MS
      : Math.min(LONGEST_MS, APART_MS * 2 ** this.#waits)));
  }
}
