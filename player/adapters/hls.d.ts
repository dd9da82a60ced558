import type { Followed, FollowOptions } from "../index.js";

/** What of an `Hls` is used. */
export interface HlsPlayer {
  readonly media: HTMLMediaElement | null;
  readonly url: string | null;
  on(name: "hlsLevelLoaded",
     listener: (name: "hlsLevelLoaded", data: { details: { live: boolean } }) => void): void;
  on(name: "hlsMediaAttached" | "hlsMediaDetached" | "hlsManifestLoading" | "hlsDestroying",
     listener: () => void): void;
}

/** With a media element where the browser plays HLS itself. */
export function attach(hls: HlsPlayer | HTMLMediaElement, options: FollowOptions): Followed;
