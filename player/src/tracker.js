/**
 * What was really played (rule 9), from looks at a media element. Pure: no element, no clock.
 *
 * Between two looks media time may have advanced by what the wall clock allows at the rate, and
 * by nothing else. More, or backwards, or a seek in between, is a jump: it was not played.
 */

import { reached } from "./played.js";

/**
 * @typedef {object} Look
 * @property {number} now        monotonic milliseconds
 * @property {number} position   media seconds
 * @property {number} rate       1 is normal speed
 * @property {boolean} playing   not paused, not ended, not seeking (stalled or not)
 * @property {boolean} seeking   the position was set since the last look
 * @property {TimeRanges | null} played  what the browser itself noted as played
 *
 * @typedef {{from: number, to: number, rate: number}} Stretch  [from, to) in media milliseconds
 */

// Positions are told in steps and late, the more media time the faster it plays.
export const JITTER_S = 0.3;
// Standing still for longer than this ends a stretch: a stall, or the computer slept.
export const STALL_S = 1;
// Browsers let hidden pages look once a minute. After a longer gap the computer slept, and what
// its media clock did meanwhile nobody saw.
export const GAP_S = 90;

export class Tracker {
  /**
   * @param {(stretch: Stretch) => void} emit
   * @param {number} [end] the resource's end in milliseconds; nothing behind it counts
   */
  constructor(emit, end = Infinity) {
    this.emit = emit;
    this.end = end;
    /** @type {Stretch | null} what is being played */
    this.open = null;
    /** Media seconds that the stretch stood still. */
    this.behind = 0;
    /** @type {Look | null} */
    this.last = null;
  }

  /** @param {Look} look */
  look(look) {
    const { last } = this;
    this.last = look;
    if (!last) return;
    const wall = (look.now - last.now) / 1000;
    const fast = Math.max(look.rate, last.rate);
    const step = look.position - last.position;
    const most = (last.playing ? wall * fast : 0) + JITTER_S * Math.max(1, fast);
    if (wall > GAP_S && step > JITTER_S) return this.cut();
    if (look.seeking || step < 0 || step > most) {
      this.#grow(last, reached(last, look));
      this.cut();
      return;
    }
    this.#grow(last, step);
    if (last.playing) this.behind += wall * last.rate - step;
    const stood = this.behind > STALL_S * Math.max(1, fast);
    if (!look.playing || look.rate !== last.rate || stood) this.cut();
  }

  /** End the stretch that is being played; the next one begins where it ends. */
  cut() {
    const { open } = this;
    this.open = null;
    this.behind = 0;
    if (open && open.to > open.from) this.emit(open);
  }

  /** Another medium is in the element, or nothing is known of it. */
  reset() {
    this.cut();
    this.last = null;
  }

  /** @param {Look} since @param {number} step  media seconds played since then */
  #grow(since, step) {
    if (step <= 0) return;
    const from = Math.round(since.position * 1000);
    this.open ??= { from, to: from, rate: since.rate };
    const to = Math.min(Math.round((since.position + step) * 1000), this.end);
    this.open.to = Math.max(this.open.to, to);
  }
}
