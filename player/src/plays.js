/** The play sessions of one attached element: the current one, and older ones not yet delivered. */

import { adopt } from "./orphans.js";
import { Renewal } from "./renewal.js";
import { Session } from "./session.js";
import { Store } from "./store.js";

/** @import { Options, Play } from "../index.js" */

const ADOPT_MS = 60_000;

export class Plays {
  #store = new Store();
  #renewing = false;
  #adoptAt = 0;

  /**
   * @param {EventTarget} target  hears what becomes of events
   * @param {Options} options
   * @param {() => void} cut      ends the stretch being played, which goes to the current session
   * @param {AbortSignal} signal  no play is renewed after it
   */
  constructor(target, options, cut, signal) {
    this.target = target;
    this.options = options;
    this.cut = cut;
    this.signal = signal;
    /** @type {Set<Session>} */
    this.all = new Set();
    this.play = options;
    this.current = this.#begin(options);
    this.renewal = new Renewal(options, performance.now(), Date.now());
  }

  /** @param {number} now  monotonic */
  tick(now) {
    if (now >= this.#adoptAt) this.#adopt(now);
    if (this.options.renew && !this.#renewing && this.renewal.due(now, Date.now())) this.#renew();
  }

  async send() {
    await Promise.all([...this.all].map(({ sender }) => sender.send()));
  }

  leave() {
    for (const { sender } of this.all) sender.leave();
  }

  online() {
    this.#adoptAt = 0;
    for (const { sender } of this.all) sender.online();
  }

  finish() {
    for (const session of this.all) session.finish();
  }

  /** @param {number} now */
  #adopt(now) {
    this.#adoptAt = now + ADOPT_MS;
    const ours = (/** @type {string} */ id) => [...this.all].some((one) => one.id === id);
    adopt(this.#store, ours, (queue) => Session.hearing(this.target, queue)).catch(() => {});
  }

  /** @param {Play} play */
  #begin(play) {
    const session = new Session(this.target, this.#store, this.options.endpoint, play, {
      expired: () => {
        if (session !== this.current || !this.options.renew) return session.lose();
        this.renewal.expired = true;
      },
      finished: () => this.all.delete(session),
    });
    this.all.add(session);
    return session;
  }

  async #renew() {
    this.#renewing = true;
    try {
      this.#goOn(await this.options.renew?.());
    } catch {
      this.renewal.failed(performance.now());
    }
    this.#renewing = false;
  }

  /** @param {Play | undefined} play */
  #goOn(play) {
    if (!play?.token) throw new TypeError("renew() must resolve to a play");
    if (this.signal.aborted) return;
    this.cut();
    const old = this.current;
    this.play = { ...this.options, ...play };
    this.current = this.#begin(play);
    if (this.renewal.expired) old.bequeath(this.current);
    else old.finish();
    this.renewal = new Renewal(play, performance.now(), Date.now());
    this.target.dispatchEvent(new CustomEvent("renewed", { detail: play }));
  }
}
