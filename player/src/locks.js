/**
 * Whose a queue is: its page holds a Web Lock of its name, which goes when the page goes, however
 * it does. Without Web Locks (a page without HTTPS) nobody can tell who lives: then nothing is
 * adopted that could still grow (see `known`).
 */

/** Whether others can see that this page lives. */
export const known = () => "locks" in navigator;

const nameOf = (/** @type {string} */ session) => `xueshi-player:${session}`;

/**
 * Hold the lock, as soon as it is free, until `released`; `held` is called then.
 *
 * @param {string} session @param {() => void} held @param {Promise<void>} released
 */
export function hold(session, held, released) {
  const work = async () => {
    held();
    await released;
  };
  if (known()) navigator.locks.request(nameOf(session), work).catch(held);
  else held();
}

/**
 * Do the work if nobody lives who holds the lock, and nobody else does it meanwhile.
 *
 * @param {string} session @param {() => Promise<void>} work
 */
export async function ifOrphaned(session, work) {
  if (!known()) return work();
  await navigator.locks.request(nameOf(session), { ifAvailable: true }, (lock) =>
    lock ? work() : undefined);
}
