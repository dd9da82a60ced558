/**
 * hls.js. It may leave the element and take it again (an error it recovers from, another stream,
 * adverts of its own); the film is known by the address of its playlist. Where it is not needed,
 * as Safari plays HLS itself, a media element is taken in its place.
 */

import { attach as attachElement } from "./element.js";
import { Following } from "./following.js";

/** @import { FollowOptions } from "../../index.js" */
/** @import { HlsPlayer } from "../../adapters/hls.js" */

const CHANGES = /** @type {const} */ (
  ["hlsMediaAttached", "hlsMediaDetached", "hlsManifestLoading"]);

/** @param {HlsPlayer | HTMLMediaElement} hls @param {FollowOptions} options */
export function attach(hls, options) {
  if (hls instanceof HTMLMediaElement) return attachElement(hls, options);
  let live = false;
  const handle = new Following({
    media: () => hls.media, source: () => hls.url ?? "", live: () => live }, options);
  hls.on("hlsManifestLoading", () => { live = false; });
  hls.on("hlsLevelLoaded", (_, { details }) => {
    live = details.live;
    handle.look();
  });
  for (const name of CHANGES) hls.on(name, () => handle.look());
  hls.on("hlsDestroying", () => void handle.detach());
  return handle;
}
