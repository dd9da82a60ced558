/** One play session of this page: its queue, and the sender that empties it. */

import { Queue } from "./queue.js";
import { young } from "./renewal.js";
import { Sender } from "./sender.js";

/** @import { Play } from "../index.js" */
/** @import { Heard } from "./sender.js" */
/** @import { Store } from "./store.js" */

const POSTS = "/v1/events";

export class Session {
  #finishing = false;

  /**
   * @param {EventTarget} target  hears what becomes of events
   * @param {Store} store @param {string} endpoint @param {Play} play
   * @param {{expired: () => void, finished: () => void}} on
   */
  constructor(target, store, endpoint, play, on) {
    this.id = play.session_id;
    this.target = target;
    this.on = on;
    const url = endpoint.replace(/\/+$/, "") + POSTS;
    this.queue = new Queue({ id: this.id, url, token: play.token, born: Date.now() }, store,
      (events) => tell(target, "lost", this.id, { events, reason: "full" }));
    this.sender = new Sender(this.queue, { ...Session.hearing(target, this.queue),
      expired: on.expired, emptied: () => this.#perhapsFinished() });
    this.opened = this.queue.open().catch(() => {});
  }

  /** Nothing more comes: once all is sent, let go. */
  finish() {
    this.#finishing = true;
    this.#perhapsFinished();
  }

  /** The token is dead: what its successor can still tell goes there, the rest is lost. */
  bequeath(/** @type {Session} */ heir) {
    const kept = young(this.queue.pending);
    this.queue.remove(kept);
    for (const { seq: _, ...told } of kept) heir.queue.add(told);
    this.lose();
    this.finish();
  }

  lose() {
    Session.hearing(this.target, this.queue).expired();
    this.#perhapsFinished();
  }

  #perhapsFinished() {
    if (!this.#finishing || this.queue.pending.length) return;
    this.opened.then(() => this.queue.close());
    this.on.finished();
  }

  /** @param {EventTarget} target @param {Queue} queue @returns {Heard} */
  static hearing(target, queue) {
    const { id } = queue.owner;
    return {
      accepted: (events) => tell(target, "accepted", id, { events }),
      refused: (events, errors) => tell(target, "refused", id, { events, errors }),
      expired: () => {
        const events = queue.pending;
        queue.remove(events);
        if (events.length) tell(target, "lost", id, { events, reason: "expired" });
      },
    };
  }
}

/** @param {EventTarget} target @param {string} type @param {string} session @param {object} detail */
function tell(target, type, session, detail) {
  target.dispatchEvent(new CustomEvent(type, { detail: { session, ...detail } }));
}
