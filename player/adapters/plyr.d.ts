import type { Followed, FollowOptions } from "../index.js";

/** What of a Plyr is used. */
export interface PlyrPlayer {
  readonly media: Element | null;
  readonly elements: { original: Element };
  on(name: "ready" | "loadstart", listener: () => void): void;
}

export function attach(plyr: PlyrPlayer, options: FollowOptions): Followed;
