import type { Handle, Progress } from "./index.js";

export interface ShowOptions {
  /** What the progress is drawn into, such as an empty div under the video. */
  mount: Element;
}

export interface Shown {
  /** What the collector said last; null before it has said anything. */
  readonly progress: Progress | null;
  /** Ask the collector now, or as soon as its pace allows. */
  refresh(): void;
  /** Take everything away again. */
  remove(): void;
}

/** Draws progress under the video, and shows the play's quizzes where they stand. */
export function show(video: HTMLMediaElement, handle: Handle, options: ShowOptions): Shown;
