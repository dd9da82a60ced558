/**
 * Plyr. It puts a new element in the place of the old one when its source is set; another quality
 * is another address of the same film. An embedded YouTube or Vimeo page is not followed.
 */

import { elementSource } from "./element.js";
import { Following } from "./following.js";

/** @import { FollowOptions } from "../../index.js" */
/** @import { PlyrPlayer } from "../../adapters/plyr.js" */

/** @param {PlyrPlayer} plyr @param {FollowOptions} options */
export function attach(plyr, options) {
  const handle = new Following({ media: () => plyr.media, source: elementSource }, options);
  plyr.on("ready", () => handle.look());
  plyr.on("loadstart", () => handle.look());
  // Destroyed it gives the page its first element back, and tells only that one.
  plyr.elements.original.addEventListener("destroyed", () => handle.detach());
  return handle;
}
