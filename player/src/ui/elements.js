/** Elements without markup: what comes from outside is only ever text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string | boolean>} [attributes]  true: there, false: not
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  set(made, attributes);
  made.append(...children);
  return made;
}

/** @param {string} tag @param {Record<string, string>} attributes */
export function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  set(made, attributes);
  return made;
}

/** @param {string} text @param {() => void} pressed */
export function button(text, pressed) {
  const made = el("button", { type: "button" }, text);
  made.addEventListener("click", pressed);
  return made;
}

/** Nothing is announced anew that has not changed. @param {Element} of @param {string} text */
export function say(of, text) {
  if (of.textContent !== text) of.textContent = text;
}

/** @param {Element} of @param {Record<string, string | boolean>} attributes */
function set(of, attributes) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== false) of.setAttribute(name, value === true ? "" : value);
}
