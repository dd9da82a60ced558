/** What an element shows, by address. */

/** @param {string} address */
export const absolute = (address) => new URL(address, document.baseURI).href;

/**
 * The first of the alternatives that were offered (formats, qualities), or what else somebody put
 * into the element. An address of the browser's own (`blob:`, of Media Source Extensions) tells
 * nothing, so then the player's word is taken.
 *
 * @param {HTMLMediaElement} media @param {string[]} offered
 */
export function sourceOf(media, offered) {
  const alternatives = offered.filter(Boolean).map(absolute);
  const actual = media.currentSrc;
  const known = !actual || actual.startsWith("blob:") || alternatives.includes(actual);
  return (known && alternatives[0]) || actual;
}
