import type { Followed, FollowOptions } from "../index.js";

export function attach(video: HTMLMediaElement, options: FollowOptions): Followed;
