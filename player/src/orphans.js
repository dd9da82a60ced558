/** Queues that a page left behind when it died: any page of the site that finds one sends it. */

import { ifOrphaned } from "./locks.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";

/** @import { Owner, Store } from "./store.js" */
/** @import { Heard } from "./sender.js" */

/**
 * One attempt for each; what cannot be sent now stays for the next time.
 *
 * @param {Store} store
 * @param {(session: string) => boolean} ours
 * @param {(queue: Queue) => Heard} hearing
 */
export async function adopt(store, ours, hearing) {
  for (const owner of await store.owners().catch(() => []))
    if (!ours(owner.id)) await ifOrphaned(owner.id, () => deliver(owner, store, hearing));
}

/** @param {Owner} owner @param {Store} store @param {(queue: Queue) => Heard} hearing */
async function deliver(owner, store, hearing) {
  const queue = new Queue(owner, store, () => {});
  queue.pending = await store.events(owner.id);
  const sender = new Sender(queue, hearing(queue));
  await sender.send();
  sender.stop();
  if (!queue.pending.length) await store.forget(owner, Date.now());
}
