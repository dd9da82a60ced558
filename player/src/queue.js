/** The events of one play session that the collector has not decided yet: here, and in the store. */

import { hold, known } from "./locks.js";
import { Numbers, unremembered } from "./numbers.js";
import { heartbeat } from "./wire.js";

/** @import { Heartbeat, PlayEvent, QuizAnswers } from "../index.js" */
/** @import { Owner, Store } from "./store.js" */
/** @import { Stretch } from "./tracker.js" */
/** @typedef {Omit<Heartbeat, "seq"> | Omit<QuizAnswers, "seq">} Told */

// 40 hours of heartbeats. What comes on top is lost, not what was there first.
const MOST = 10_000;
const PATIENCE_MS = 3000;

/** @param {number} ms @returns {Promise<never>} */
const later = (ms) => new Promise((_, reject) => setTimeout(reject, ms));

export class Queue {
  #numbers = new Numbers();
  /** @type {Told[]} what waits for a number */
  #early = [];
  #reserving = false;
  /** @type {number | null} the number of the stretch that still grows */
  #draft = null;
  /** @type {() => void} */
  #release = () => {};

  /** @param {Owner} owner @param {Store} store @param {(events: PlayEvent[]) => void} onFull */
  constructor(owner, store, onFull) {
    this.owner = owner;
    this.store = store;
    this.onFull = onFull;
    /** @type {PlayEvent[]} by number */
    this.pending = [];
  }

  /** Take the session for this page, with what an earlier page of it left. */
  async open() {
    const first = await this.#reserve(
      Promise.race([this.store.reserve(this.owner), later(PATIENCE_MS)]));
    await new Promise((held) => {
      const released = new Promise((resolve) => { this.#release = () => resolve(undefined); });
      hold(this.owner.id, () => held(undefined), released);
    });
    const left = await this.store.events(this.owner.id).catch(() => []);
    this.pending.unshift(...left.filter(({ seq }) => seq < first));
  }

  /** Others may take what is still here. */
  close() {
    this.#release();
  }

  /** @param {Told} told */
  add(told) {
    const draft = told.type === "heartbeat" ? this.#draft : null;
    if (!draft && !this.#numbers.left) return void this.#early.push(told);
    const seq = draft ?? this.#numbers.take();
    if (draft) this.#draft = null;
    const event = /** @type {PlayEvent} */ ({ ...told, seq });
    if (this.pending.length >= MOST) return this.onFull([event]);
    this.pending.push(event);
    this.#keep(event, false);
  }

  /**
   * Keep how far the stretch being played has come: whoever finds it after a crash sends it. Only
   * where the crash can be told from a page that lives. A page that is gone before it has kept the
   * whole of it leaves this behind, under the number under which it sent the whole: a repeat.
   *
   * @param {Stretch} stretch
   */
  draft(stretch) {
    if (!this.#numbers.left || !known()) return;
    this.#draft ??= this.#numbers.take();
    this.#keep({ ...heartbeat(stretch), seq: this.#draft }, true);
  }

  /** @param {PlayEvent[]} events */
  remove(events) {
    const gone = new Set(events.map(({ seq }) => seq));
    this.pending = this.pending.filter(({ seq }) => !gone.has(seq));
    this.store.remove(this.owner.id, [...gone]).catch(() => {});
  }

  /** @param {PlayEvent} event @param {boolean} draft */
  #keep(event, draft) {
    const low = this.#numbers.low && !this.#reserving;
    const kept = this.store.put(this.owner, event, { low, draft });
    if (low) this.#reserve(kept);
    else kept.catch(() => {});
  }

  /**
   * Numbers, also where the store gives none (any more).
   *
   * @param {Promise<number | undefined>} reserved @returns {Promise<number>} the first of them
   */
  async #reserve(reserved) {
    this.#reserving = true;
    const given = await reserved.catch(() => undefined);
    const first = given ?? unremembered(Date.now());
    this.#numbers.add(first, given === undefined ? Infinity : undefined);
    this.#reserving = false;
    for (const told of this.#early.splice(0)) this.add(told);
    return first;
  }
}
