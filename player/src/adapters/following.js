/**
 * Follows a player that changes its media element, or what is in it. What is told under a play is
 * only what was played of that play's own source: another film, an advert or a live stream in the
 * same player never counts for it.
 */

import { attach } from "../attach.js";
import { backoff } from "../backoff.js";
import { absolute } from "./sources.js";

/** @import { FollowOptions, Handle, Play, QuizAnswers } from "../../index.js" */

const HEARD = ["accepted", "refused", "lost", "renewed"];
// Whatever is loaded into an element, one of these comes before anything of it is played.
const LOADS = ["emptied", "loadstart", "durationchange", "play", "playing"];

/**
 * @typedef {object} Player
 * @property {() => Element | null | undefined} media  what plays now; anything else than a media
 *   element (an embedded page) is not followed
 * @property {(media: HTMLMediaElement) => string} source  the address of the film in it, or ""
 * @property {() => boolean} [live]  its positions are not those of a film
 *
 * @typedef {{media: HTMLMediaElement | null, source: string, live: boolean}} Shown
 */

/** @implements {Handle} */
export class Following extends EventTarget {
  #stop = new AbortController();
  #player;
  #options;
  /** @type {Shown} */
  #shown = { media: null, source: "", live: false };
  /** @type {Map<string, Play>} by source: after an advert the film goes on under its play */
  #plays = new Map();
  /** @type {Handle | null} */
  #current = null;
  /** @type {Set<Handle>} the current one, and those not yet delivered */
  #handles = new Set();
  #unwatch = new AbortController();

  /** @param {Player} player @param {FollowOptions} options */
  constructor(player, options) {
    super();
    this.#player = player;
    this.#options = options;
    const { source } = options;
    const play = given(options);
    if (source && play) this.#plays.set(this.#named(source), play);
    this.look();
  }

  get play() {
    return this.#current?.play ?? null;
  }

  get pending() {
    return [...this.#handles].reduce((sum, { pending }) => sum + pending, 0);
  }

  /** @param {string} quizId @param {QuizAnswers["answers"]} answers */
  answer(quizId, answers) {
    if (!this.#current) throw new Error("no play is open for what the player shows");
    this.#current.answer(quizId, answers);
  }

  async flush() {
    await Promise.all([...this.#handles].map((handle) => handle.flush()));
  }

  async detach() {
    this.#stop.abort();
    this.#unwatch.abort();
    this.#leave();
    await this.flush();
  }

  /** Something may have changed. */
  look() {
    if (this.#stop.signal.aborted) return;
    const { media, source, live } = this.#looked();
    const before = this.#shown;
    if (media !== before.media) this.#watch(media);
    if (media === before.media && source === before.source && live === before.live) return;
    this.#leave();
    this.#shown = { media, source, live };
    if (media && source) this.#enter(media, source, live);
  }

  /** @returns {Shown} */
  #looked() {
    const element = this.#player.media();
    const media = element instanceof HTMLMediaElement ? element : null;
    const live = media?.duration === Infinity || (this.#player.live?.() ?? false);
    return { media, source: media ? this.#named(this.#player.source(media)) : "", live };
  }

  /** @param {string} address */
  #named(address) {
    return address && (this.#options.filmOf?.(absolute(address)) ?? absolute(address));
  }

  /** @param {HTMLMediaElement | null} media */
  #watch(media) {
    this.#unwatch.abort();
    this.#unwatch = new AbortController();
    for (const name of LOADS)
      media?.addEventListener(name, () => this.look(), { signal: this.#unwatch.signal });
  }

  #leave() {
    const left = this.#current;
    this.#current = null;
    left?.detach();
    for (const handle of this.#handles)
      if (handle !== left && !handle.pending) this.#handles.delete(handle);
  }

  /** @param {HTMLMediaElement} media @param {string} source @param {boolean} live */
  #enter(media, source, live) {
    const first = !this.#options.source && !this.#plays.size ? given(this.#options) : undefined;
    const play = live ? undefined : this.#plays.get(source) ?? first;
    if (play) this.#begin(media, source, play);
    else if (live || !this.#options.open) this.#changed(source, null);
    else this.#open(source, 0);
  }

  /** @param {string} source @param {number} failures */
  async #open(source, failures) {
    try {
      const play = (await this.#options.open?.(source)) ?? null;
      const { media } = this.#shown;
      if (!this.#waitsFor(source) || !media) return;
      if (play) this.#begin(media, source, play);
      else this.#changed(source, null);
    } catch {
      setTimeout(() => this.#waitsFor(source) && this.#open(source, failures + 1),
        backoff(failures + 1));
    }
  }

  /** @param {string} source */
  #waitsFor(source) {
    const { source: shown, live } = this.#shown;
    return shown === source && !live && !this.#current && !this.#stop.signal.aborted;
  }

  /** @param {HTMLMediaElement} media @param {string} source @param {Play} play */
  #begin(media, source, play) {
    this.#plays.set(source, play);
    const { endpoint, renew } = this.#options;
    const handle = attach(media, { ...play, endpoint, renew: renew && (() => renew(source)) });
    handle.addEventListener("renewed", ({ detail }) => this.#plays.set(source, detail));
    for (const name of HEARD)
      handle.addEventListener(name, (event) =>
        this.#tell(name, /** @type {CustomEvent} */ (event).detail));
    this.#current = handle;
    this.#handles.add(handle);
    this.#changed(source, play);
  }

  /** Also whoever has just attached hears of it. @param {string} source @param {Play | null} play */
  #changed(source, play) {
    queueMicrotask(() => this.#tell("changed", { source, play }));
  }

  /** @param {string} type @param {object} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The play that came with the options, if one did. @param {FollowOptions} options */
const given = (options) => options.token ? /** @type {Play} */ (options) : undefined;
