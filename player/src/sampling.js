/** The media element's events, as looks at it. */

/** @import { Tracker } from "./tracker.js" */

const EVENTS = ["play", "playing", "pause", "waiting", "stalled", "seeking", "seeked",
  "ratechange", "timeupdate", "ended"];

// The wire's slowest and fastest. A rate below 0 (Safari plays backwards) never advances.
const SLOWEST = 0.05;
const FASTEST = 16;

/**
 * @param {HTMLMediaElement} video
 * @param {boolean} seeking  a seek began: it may be over already when its event is handled
 * @returns {import("./tracker.js").Look}
 */
export function lookAt(video, seeking = video.seeking) {
  return {
    now: performance.now(),
    position: video.currentTime,
    rate: Math.min(Math.max(video.playbackRate, SLOWEST), FASTEST),
    playing: !video.paused && !video.ended && !seeking,
    seeking,
    played: video.played ?? null,
  };
}

/**
 * Look whenever something happens; returns how to stop.
 *
 * @param {HTMLMediaElement} video @param {Tracker} tracker
 */
export function sample(video, tracker) {
  const stop = new AbortController();
  for (const name of EVENTS)
    video.addEventListener(name, () => {
      tracker.look(lookAt(video, video.seeking || name === "seeking"));
      if (name === "waiting") tracker.cut();
    }, { signal: stop.signal });
  video.addEventListener("emptied", () => tracker.reset(), { signal: stop.signal });
  tracker.look(lookAt(video));
  return () => stop.abort();
}
