/** The film as a strip: what is covered, what is being played, where the quizzes stand. */

import { svg } from "./elements.js";
import { pairs } from "./spans.js";

/** @import { Standing } from "./standing.js" */

/** @returns {SVGElement} */
export const strip = () => svg("svg", { role: "img", class: "strip" });

/**
 * @param {Element} into @param {Standing} of
 * @param {number[]} ahead  what this page has played, which the server may not know yet
 * @param {string} label
 */
export function draw(into, of, ahead, label) {
  into.setAttribute("aria-label", label);
  const at = (/** @type {number} */ ms) => `${Math.min(100, (ms / (of.duration || 1)) * 100)}%`;
  const bars = (/** @type {string} */ kind, /** @type {number[]} */ spans) =>
    pairs(spans).map(([from, to]) => svg("rect",
      { class: kind, x: at(from), width: at(to - from), y: "5", height: "8" }));
  into.replaceChildren(
    svg("rect", { class: "film", width: "100%", y: "5", height: "8" }),
    ...bars("ahead", ahead), ...bars("covered", of.covered), ...bars("settled", of.settled),
    ...of.quizzes.map((one) => svg("circle",
      { class: one.passed ? "passed" : "open", cx: at(one.at), cy: "9", r: "6" })));
}
