import type { Followed, FollowOptions } from "../index.js";

/** What of a video.js player is used. */
export interface VideojsPlayer {
  tech(safety: true): { el(): Element } | undefined;
  currentSources(): { src: string }[];
  on(names: string | string[], listener: () => void): void;
}

export function attach(player: VideojsPlayer, options: FollowOptions): Followed;
