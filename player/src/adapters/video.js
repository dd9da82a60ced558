/**
 * video.js. Its tech may be unloaded and loaded anew, with another element; with its own HLS and
 * DASH the element's address is a blob, and only the player knows the film's.
 */

import { Following } from "./following.js";
import { sourceOf } from "./sources.js";

/** @import { FollowOptions } from "../../index.js" */
/** @import { VideojsPlayer } from "../../adapters/video.js" */

const CHANGES = ["ready", "sourceset", "loadstart", "playerreset"];

/** @param {VideojsPlayer} player @param {FollowOptions} options */
export function attach(player, options) {
  const handle = new Following({
    media: () => player.tech(true)?.el() ?? null,
    source: (media) => sourceOf(media, player.currentSources().map(({ src }) => src)),
  }, options);
  player.on(CHANGES, () => handle.look());
  player.on("dispose", () => handle.detach());
  return handle;
}
