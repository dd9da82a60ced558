/** A media element whose source may change: playlists, adverts, native HLS. */

import { Following } from "./following.js";
import { sourceOf } from "./sources.js";

/** @import { FollowOptions } from "../../index.js" */

/** @param {HTMLMediaElement} video @param {FollowOptions} options */
export function attach(video, options) {
  return new Following({ media: () => video, source: elementSource }, options);
}

/** @param {HTMLMediaElement} media */
export function elementSource(media) {
  return sourceOf(media, [...media.querySelectorAll("source")].map(({ src }) => src));
}
