/** What stands under the film: the strip, the state in words, and what is still missing. */

import { button, el, say } from "./elements.js";
import { pairs, total, without } from "./spans.js";
import { draw, strip } from "./strip.js";
import { TEXTS } from "./texts.js";

/** @import { Asked, Standing } from "./standing.js" */

const MOST = 8;

export class Panel {
  #strip = strip();
  #state = el("p", { class: "state", role: "status" });
  #note = el("p", { class: "note", role: "status" });
  #resume = el("p");
  #title = el("p", { id: "left", class: "title" }, TEXTS.left);
  #list = el("ul", { "aria-labelledby": "left" });
  #listed = "";

  /** @param {{seek: (ms: number) => void, ask: (quizId: string) => void}} on */
  constructor(on) {
    this.on = on;
    this.element = el("section", { "aria-label": TEXTS.panel }, this.#strip, this.#state,
      this.#note, this.#resume, this.#title, this.#list);
  }

  /** @param {Standing} of @param {number[]} ahead @param {boolean} away  nobody answers */
  draw(of, ahead, away) {
    const open = of.quizzes.filter((one) => !one.passed && of.state !== "done");
    const percent = Math.floor((total(of.covered) * 100) / (of.duration || 1));
    const words = of.state ? `${TEXTS.states[of.state]}　${TEXTS.watched(percent)}` : TEXTS.unknown;
    const told = away ? TEXTS.away : words;
    draw(this.#strip, of, ahead, words + TEXTS.quizzes(open.length));
    say(this.#state, of.counts ? told : `${told}　${TEXTS.notNow}`);
    this.#list.hidden = this.#title.hidden = !of.state || of.state === "done";
    this.#fill(of, open);
  }

  /** @param {string} text */
  say(text) {
    say(this.#note, text);
  }

  /** @param {number} at  0: nothing to be offered */
  offer(at) {
    const text = TEXTS.resume(at);
    if (this.#resume.textContent === (at ? text : "")) return;
    this.#resume.replaceChildren(...(at ? [button(text, () => this.on.seek(at))] : []));
  }

  /** Only where something changed: who is at a button keeps it. */
  #fill(/** @type {Standing} */ of, /** @type {Asked[]} */ open) {
    const listed = JSON.stringify([of.toWatch, of.covered.length, open.map((one) => one.quiz.quiz_id)]);
    if (listed === this.#listed) return;
    this.#listed = listed;
    const had = this.#list.matches(":focus-within");
    this.#list.replaceChildren(...this.#stretches(of), ...open.flatMap((one) => this.#quiz(one, of)));
    if (had) this.#list.querySelector("button")?.focus();
  }

  /** @param {Standing} of */
  #stretches({ toWatch, covered }) {
    const all = pairs(toWatch);
    const shown = all.slice(0, MOST).map(([from, to]) => {
      const again = total(without([from, to], covered)) < (to - from) / 2;
      return el("li", {}, button(TEXTS.stretch(from, to), () => this.on.seek(from)),
        ` ${again ? TEXTS.again : TEXTS.play}`);
    });
    return all.length > MOST ? [...shown, el("li", {}, TEXTS.more(all.length - MOST))] : shown;
  }

  /** @param {Asked} one @param {Standing} of */
  #quiz(one, { duration }) {
    const items = [el("li", {}, button(TEXTS.quizAt(one.at), () => this.on.ask(one.quiz.quiz_id)))];
    return one.at < duration ? [...items, el("li", {}, TEXTS.behind(one.at))] : items;
  }
}
