/** Stretches as the collector tells them: flat sorted lists [from, to, from, to, …]. Pure. */

/** @typedef {[number, number]} Pair */

/** @param {number[]} spans @returns {Pair[]} */
export function pairs(spans) {
  const out = [];
  for (let i = 0; i + 1 < spans.length; i += 2)
    out.push(/** @type {Pair} */ ([spans[i], spans[i + 1]]));
  return out;
}

/** @param {number[]} spans @param {number} point */
export const contains = (spans, point) =>
  pairs(spans).some(([from, to]) => from <= point && point < to);

/** @param {number[]} spans */
export const total = (spans) => pairs(spans).reduce((sum, [from, to]) => sum + to - from, 0);

/** What is in `these` and not in `those`. @param {number[]} these @param {number[]} those */
export function without(these, those) {
  let left = pairs(these);
  for (const [from, to] of pairs(those))
    left = left.flatMap(([start, end]) => /** @type {Pair[]} */ ([
      [start, Math.min(end, from)], [Math.max(start, to), end]]).filter(([a, b]) => a < b));
  return left.flat();
}
