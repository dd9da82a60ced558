/** A quiz as a modal dialog: the browser keeps the focus in it, and gives it back. */

import { button, el, say } from "./elements.js";
import { QUIZ } from "./texts.js";

/** @import { Question, QuizAnswers } from "../../index.js" */
/** @import { Asked } from "./standing.js" */
/** @typedef {QuizAnswers["answers"]} Answers */

const SLOW_MS = 30_000;

export class Dialog {
  #said = el("p", { class: "said", role: "status" });
  #submit = el("button", { class: "first" }, QUIZ.submit);
  #leave = button(QUIZ.later, () => this.element.close());
  #fields = el("div");
  #title = el("h2", { id: "quiz" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #slow;
  /** @type {Asked | null} */
  one = null;

  /** @param {{hand: (quizId: string, answers: Answers) => void, closed: (passed: boolean) => void}} on */
  constructor(on) {
    this.on = on;
    const form = el("form", {}, this.#title, el("p", {}, QUIZ.about), this.#fields, this.#said,
      el("div", { class: "buttons" }, this.#submit, this.#leave));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#hand();
    });
    this.element = el("dialog", { "aria-labelledby": "quiz" }, form);
    this.element.addEventListener("close", () => this.#closed());
  }

  /** @param {Asked} one @param {boolean} waiting  handed in already, and not marked */
  open(one, waiting) {
    this.one = one;
    say(this.#title, QUIZ.title(one.at));
    this.#fields.replaceChildren(...(one.quiz.wording ?? []).map(fieldset));
    this.#leave.textContent = QUIZ.later;
    this.#submit.textContent = QUIZ.submit;
    if (waiting) this.#wait();
    else this.#let(one.attempts, "");
    this.element.showModal();
    [...this.#fields.querySelectorAll("input")].find((one) => one.matches(":enabled"))?.focus();
  }

  /** Passed, perhaps in another tab. */
  passed() {
    this.#lock(true);
    this.#leave.textContent = QUIZ.goOn;
    this.#tell(QUIZ.passed);
    this.#leave.focus();
    if (this.one) this.one = { ...this.one, passed: true };
  }

  /** @param {Asked["attempts"]} attempts @param {string} [why] */
  failed(attempts, why = QUIZ.failed) {
    this.#submit.textContent = QUIZ.retry;
    this.#let(attempts, why);
    (this.#submit.disabled ? this.#leave : this.#submit).focus();
  }

  /** @param {Asked["attempts"]} attempts @param {string} why */
  #let(attempts, why) {
    this.#lock(attempts?.left === 0);
    this.#tell(why + told(attempts));
  }

  #hand() {
    const { one } = this;
    if (!one || this.#submit.disabled) return;
    const answers = /** @type {Answers} */ ({});
    for (const [at, field] of [...this.#fields.children].entries()) {
      const chosen = [...field.querySelectorAll("input")].filter((input) => input.checked);
      const question = /** @type {Question} */ (one.quiz.wording?.[at]);
      if (!chosen.length) return this.#miss(field, at + 1);
      const ids = chosen.map(({ value }) => value);
      answers[question.id] = question.several ? ids : /** @type {string} */ (ids[0]);
    }
    this.#wait();
    this.on.hand(one.quiz.quiz_id, answers);
  }

  /** @param {Element} field @param {number} number */
  #miss(field, number) {
    this.#tell(QUIZ.unanswered(number));
    field.querySelector("input")?.focus();
  }

  #wait() {
    this.#leave.focus();
    this.#lock(true);
    this.#tell(navigator.onLine ? QUIZ.sent : QUIZ.offline);
    this.#slow = setTimeout(() => this.#tell(QUIZ.slow), SLOW_MS);
  }

  /** @param {boolean} locked */
  #lock(locked) {
    this.#submit.disabled = locked;
    for (const field of this.#fields.querySelectorAll("fieldset")) field.disabled = locked;
  }

  /** @param {string} text */
  #tell(text) {
    clearTimeout(this.#slow);
    say(this.#said, text);
  }

  #closed() {
    clearTimeout(this.#slow);
    const passed = this.one?.passed ?? false;
    this.one = null;
    this.on.closed(passed);
  }
}

/** How often it may be tried, where that is limited. @param {Asked["attempts"]} attempts */
export function told(attempts) {
  if (!attempts) return "";
  const { limit, left, next_at } = attempts;
  return left || next_at === null ? QUIZ.left(left, limit) : QUIZ.none(limit, next_at);
}

/** @param {Question} question @param {number} at */
function fieldset(question, at) {
  const type = question.several ? "checkbox" : "radio";
  return el("fieldset", {}, el("legend", {}, QUIZ.question(at + 1, question.text, question.several)),
    ...question.choices.map(({ id, text }) =>
      el("label", {}, el("input", { type, name: `q${at}`, value: id }), `${id}. ${text}`)));
}
