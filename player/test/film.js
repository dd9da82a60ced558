/** A media element's behaviour without a browser: it plays, stalls, seeks and loops on demand. */

/** TimeRanges over [start, end] pairs. */
const rangesOf = (pairs) => ({
  length: pairs.length, start: (i) => pairs[i][0], end: (i) => pairs[i][1],
});

export class Film {
  /** @param {import("../src/tracker.js").Tracker} tracker @param {number} duration seconds */
  constructor(tracker, duration = 600) {
    Object.assign(this, { tracker, duration, now: 1000, position: 0, rate: 1, paused: true,
      stalled: false, loop: false });
    this.truth = []; // what was played: [from, to] media seconds, in order
    this.pairs = []; // what the browser's `played` says
  }

  get ended() { return this.position >= this.duration && !this.loop; }

  look(seeking = false) {
    this.tracker.look({ now: this.now, position: this.position, rate: this.rate, seeking,
      playing: !this.paused && !this.ended && !seeking, played: rangesOf(this.pairs) });
  }

  /** Time goes by, with a look every `every` seconds. */
  run(seconds, every = 0.25) {
    for (let left = seconds; left > 1e-9; left -= every) {
      this.#advance(Math.min(every, left));
      this.look();
    }
  }

  /** Time goes by and nobody looks. */
  unseen(seconds) { this.#advance(seconds); }

  play() { this.paused = false; this.look(); }
  pause() { this.paused = true; this.look(); }
  rateTo(rate) { this.rate = rate; this.look(); }
  seek(position) { this.position = Math.min(position, this.duration); this.look(true); this.look(); }

  #advance(seconds) {
    if (this.paused || this.stalled || this.ended) return void (this.now += seconds * 1000);
    const step = Math.min(seconds * this.rate, this.duration - this.position);
    this.now += (step / this.rate) * 1000;
    this.#played(this.position, this.position + step);
    this.position += step;
    if (this.position >= this.duration && this.loop) {
      this.position = 0;
      this.look(true);
      this.look();
    }
    const left = seconds - step / this.rate;
    if (left > 1e-9) this.#advance(left);
  }

  #played(from, to) {
    if (to <= from) return;
    this.truth.push([from, to]);
    this.pairs = union([...this.pairs, [from, to]]);
  }
}

/** Sorted, without overlaps. */
export function union(pairs) {
  const out = [];
  for (const [from, to] of pairs.toSorted((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last && from <= last[1] + 1e-9) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** The length of what is in `a` and not in `b`. */
export function beyond(a, b) {
  const length = (pairs) => union(pairs).reduce((sum, [from, to]) => sum + to - from, 0);
  return length([...a, ...b]) - length(b);
}
