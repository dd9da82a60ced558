/**
 * Sequence numbers of one session that never repeat, also across a reload or in two tabs: they
 * are handed out of blocks that are reserved in the store before their first number is used.
 */

import { BLOCK } from "./store.js";

export class Numbers {
  constructor() {
    /** @type {[number, number][]} reserved and not used: [first, end) */
    this.blocks = [];
  }

  /** @param {number} first @param {number} [count] */
  add(first, count = BLOCK) {
    this.blocks.push([first, first + count]);
  }

  get low() {
    return this.left < BLOCK / 2;
  }

  get left() {
    return this.blocks.reduce((sum, [first, end]) => sum + end - first, 0);
  }

  /** The next number; only while some are `left`. */
  take() {
    const block = /** @type {[number, number]} */ (this.blocks[0]);
    const number = block[0]++;
    if (block[0] >= block[1]) this.blocks.shift();
    return number;
  }
}

/**
 * The first number where there is no store that remembers. Only here the wall clock is read for
 * it: of two loads of a page the later one has the larger number. It fits into 31 bits.
 *
 * @param {number} wallNow  epoch milliseconds
 */
export const unremembered = (wallNow) => 1 + (Math.floor(wallNow / 10) % 2 ** 30);
