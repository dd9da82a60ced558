/**
 * Where playback had come to before a seek, or before a loop began anew. When `seeking` fires the
 * position is the new one already, but `played` still knows the old one.
 */

/** @import { Look } from "./tracker.js" */

// The media clock and ours run apart a little between two looks.
const APART_S = 0.3;
const SAME_S = 0.001;

/**
 * Media seconds really played since the last look, which saw nothing of a seek.
 *
 * If nothing of the range that grew since then was played before, it tells exactly; else it tells of
 * earlier play too, perhaps because it came to where another one began, and the time that went by
 * is the limit.
 *
 * @param {Look} last @param {Look} look
 */
export function reached(last, look) {
  const { position, rate } = last;
  const end = endOfRange(look.played, position);
  if (!last.playing || end === null) return 0;
  const most = ((look.now - last.now) / 1000) * rate;
  const fresh = !isPlayedIn(last.played, position + SAME_S, end)
    && end - position <= most + APART_S * Math.max(1, rate);
  return fresh ? end - position : Math.min(most, end - position);
}

/** @param {TimeRanges | null} played @param {number} position */
function endOfRange(played, position) {
  for (let i = 0; played && i < played.length; i++)
    if (played.start(i) <= position + SAME_S && position <= played.end(i) + SAME_S)
      return played.end(i);
  return null;
}

/** @param {TimeRanges | null} played @param {number} from @param {number} to */
function isPlayedIn(played, from, to) {
  for (let i = 0; played && i < played.length; i++)
    if (played.start(i) < to && played.end(i) > from) return true;
  return false;
}
