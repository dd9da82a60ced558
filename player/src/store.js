/**
 * The queue in IndexedDB. All that is kept here is in memory too, so a browser that refuses
 * IndexedDB (private windows, a full disk) loses no more than the survival of a crash.
 */

import { openDatabase } from "./database.js";

/** @import { PlayEvent } from "../index.js" */

/**
 * @typedef {object} Owner  a play session, with all that is needed to send its events
 * @property {string} id
 * @property {string} url
 * @property {string} token
 * @property {number} born    epoch milliseconds, only to forget sessions long gone
 * @property {number} [next]  no number from here on was given to anybody
 */

export const BLOCK = 64;
const DAY_MS = 24 * 3600 * 1000; // no token is valid for longer

export class Store {
  /** @param {Promise<IDBDatabase>} [db] */
  constructor(db = openDatabase()) {
    this.db = db;
    db.catch(() => {});
  }

  /**
   * Reserve BLOCK numbers of a session, for good; the first of them.
   *
   * @param {Owner} owner @returns {Promise<number>}
   */
  reserve(owner) {
    return this.#do("readwrite", "strict", (sessions, _, done) =>
      reserveIn(sessions, owner, done));
  }

  /**
   * Keep an event. With `low`, in the same transaction BLOCK further numbers are reserved.
   *
   * @param {Owner} owner @param {PlayEvent} event @param {{low: boolean, draft: boolean}} how
   * @returns {Promise<number | undefined>} the first reserved number
   */
  put(owner, event, { low, draft }) {
    return this.#do("readwrite", draft ? "relaxed" : "strict", (sessions, events, done) => {
      events.put({ id: owner.id, seq: event.seq, event });
      if (low) reserveIn(sessions, owner, done);
    });
  }

  /** @param {string} id @param {number[]} seqs */
  remove(id, seqs) {
    return this.#do("readwrite", "relaxed", (_, events) => {
      for (const seq of seqs) events.delete([id, seq]);
    });
  }

  /** In the order of their numbers. @param {string} id @returns {Promise<PlayEvent[]>} */
  events(id) {
    return this.#do("readonly", "relaxed", (_, events, done) => {
      const all = events.getAll(IDBKeyRange.bound([id], [id, []]));
      all.onsuccess = () => done(all.result.map((/** @type {any} */ row) => row.event));
    });
  }

  /** @returns {Promise<Owner[]>} */
  owners() {
    return this.#do("readonly", "relaxed", (sessions, _, done) => {
      const all = sessions.getAll();
      all.onsuccess = () => done(all.result);
    });
  }

  /**
   * Forget a session whose token is long dead. Before that its page may be loaded again, with the
   * same token, and must not use a number twice.
   *
   * @param {Owner} owner @param {number} wallNow  epoch milliseconds
   */
  async forget(owner, wallNow) {
    if (Math.abs(wallNow - owner.born) < DAY_MS) return;
    await this.#do("readwrite", "relaxed", (sessions) => sessions.delete(owner.id));
  }

  /**
   * @template T
   * @param {IDBTransactionMode} mode @param {"strict" | "relaxed"} durability
   * @param {(sessions: IDBObjectStore, events: IDBObjectStore, done: (result: T) => void) => void} work
   * @returns {Promise<T>}
   */
  async #do(mode, durability, work) {
    const tx = (await this.db).transaction(["sessions", "events"], mode, { durability });
    return new Promise((resolve, reject) => {
      /** @type {T} */
      let result;
      tx.oncomplete = () => resolve(result);
      tx.onabort = tx.onerror = () => reject(tx.error);
      work(tx.objectStore("sessions"), tx.objectStore("events"), (value) => { result = value; });
    });
  }
}

/** @param {IDBObjectStore} sessions @param {Owner} owner @param {(first: number) => void} done */
function reserveIn(sessions, owner, done) {
  const found = sessions.get(owner.id);
  found.onsuccess = () => {
    const first = found.result?.next ?? 1;
    sessions.put({ ...owner, next: first + BLOCK });
    done(first);
  };
}
