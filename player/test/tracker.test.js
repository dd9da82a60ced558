/** Rule 9: what was really played, and nothing else. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { Tracker } from "../src/tracker.js";
import { beyond, Film } from "./film.js";

function watching(duration, end) {
  const told = [];
  const tracker = new Tracker((stretch) => told.push(stretch), end);
  const film = new Film(tracker, duration);
  film.look();
  return { film, tracker, told,
    done: () => { film.look(); tracker.cut(); return told.map(({ from, to, rate }) => [from, to, rate]); } };
}

test("rule 9: playing is one stretch until it is cut", () => {
  const { film, tracker, done } = watching();
  film.play();
  film.run(15);
  tracker.cut();
  film.run(5);
  assert.deepEqual(done(), [[0, 15_000, 1], [15_000, 20_000, 1]]);
});

test("rule 9: a pause ends a stretch where it happens", () => {
  const { film, done } = watching();
  film.play();
  film.run(3);
  film.unseen(0.2);
  film.pause();
  film.run(60);
  film.play();
  film.run(2);
  assert.deepEqual(done(), [[0, 3200, 1], [3200, 5200, 1]]);
});

for (const [name, target] of [["forward", 100], ["back", 1], ["a little", 5.4], ["to where it was", 5.2]])
  test(`rule 9: a seek covers nothing: ${name}`, () => {
    const { film, done } = watching();
    film.play();
    film.run(5);
    film.unseen(0.2); // the position before the seek is known to `played` only
    film.seek(target);
    film.run(2);
    assert.deepEqual(done(), [[0, 5200, 1], [target * 1000, target * 1000 + 2000, 1]]);
  });

test("rule 16: before a seek, what was played earlier just ahead is not claimed again", () => {
  const { film, done } = watching();
  film.play();
  film.seek(5.3);
  film.run(0.2);
  film.seek(5);
  film.unseen(0.4); // comes to where the other range begins: now they are one, up to 5.5
  film.seek(50);
  film.run(1);
  assert.deepEqual(done(), [[5300, 5500, 1], [5000, 5400, 1], [50_000, 51_000, 1]]);
});

test("rule 9: a seek while paused covers nothing, also over what was played before", () => {
  const { film, done } = watching();
  film.play();
  film.run(10);
  film.pause();
  film.seek(2);
  film.seek(50);
  film.seek(3);
  assert.deepEqual(done(), [[0, 10_000, 1]]);
});

test("rule 9: a jump that no event announces covers nothing", () => {
  const { film, done } = watching();
  film.play();
  film.run(5);
  film.position = 100;
  film.look();
  film.run(1);
  assert.deepEqual(done(), [[0, 5000, 1], [100_000, 101_000, 1]]);
});

test("rules 16, 17: a change of rate begins a stretch", () => {
  const { film, done } = watching();
  film.play();
  film.run(4);
  film.rateTo(2);
  film.run(4);
  film.rateTo(16);
  film.run(1);
  assert.deepEqual(done(), [[0, 4000, 1], [4000, 12_000, 2], [12_000, 28_000, 16]]);
});

test("rule 9: a stall covers nothing and ends a stretch", () => {
  const { film, done } = watching();
  film.play();
  film.run(4);
  film.stalled = true;
  film.run(30);
  film.stalled = false;
  film.run(2);
  assert.deepEqual(done(), [[0, 4000, 1], [4000, 6000, 1]]);
});

test("rule 9: a loop reaches the end and begins anew", () => {
  const { film, done } = watching(10);
  film.loop = true;
  film.play();
  film.run(24, 0.3);
  assert.deepEqual(done(), [[0, 10_000, 1], [0, 10_000, 1], [0, 4000, 1]]);
});

test("rule 9: the end is reached", () => {
  const { film, done } = watching(10);
  film.play();
  film.run(30, 0.7);
  assert.deepEqual(done(), [[0, 10_000, 1]]);
});

test("rule 9: a file longer than the resource claims nothing behind its end", () => {
  const { film, done } = watching(10, 9500);
  film.play();
  film.run(30);
  assert.deepEqual(done(), [[0, 9500, 1]]);
});

for (const [name, seconds, position] of [
  ["stood still", 3600, 5], ["a short one", 20, 5], ["jumped on with the wall clock", 3600, 3605],
  ["jumped further", 20, 300]])
  test(`rule 9: while the computer slept the media ${name}`, () => {
    const { film, done } = watching(7200);
    film.play();
    film.run(5);
    film.now += seconds * 1000;
    film.position = position;
    film.look();
    film.run(2);
    assert.deepEqual(done(), [[0, 5000, 1], [position * 1000, position * 1000 + 2000, 1]]);
  });

test("rule 9: a hidden page looks once a minute and loses nothing", () => {
  const { film, done } = watching();
  film.play();
  film.run(300, 60);
  assert.deepEqual(done(), [[0, 300_000, 1]]);
});

test("another medium begins anew", () => {
  const { film, tracker, told, done } = watching();
  film.play();
  film.run(5);
  film.position = 0;
  film.paused = true;
  tracker.reset();
  film.look();
  film.play();
  film.run(1);
  assert.deepEqual(done(), [[0, 5000, 1], [0, 1000, 1]]);
  assert.equal(told.length, 2);
});

const seconds = (max) => fc.double({ min: 0.01, max, noNaN: true });
const ACTIONS = fc.array(fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant("run"), seconds(20), fc.double({ min: 0.05, max: 1.2, noNaN: true })) },
  fc.tuple(fc.constant("unseen"), seconds(0.25)),
  fc.tuple(fc.constantFrom("play", "pause", "stall", "flow", "cut")),
  fc.tuple(fc.constant("seek"), seconds(60)),
  fc.tuple(fc.constant("rateTo"), fc.constantFrom(0.5, 1, 1.25, 1.333, 2, 16)),
), { maxLength: 40 });

test("rule 9, 14: whatever the viewer does, all that was played is told and nothing else", () => {
  fc.assert(fc.property(ACTIONS, fc.boolean(), (actions, loop) => {
    const { film, tracker, done } = watching(60);
    film.loop = loop;
    for (const [name, ...args] of [["play"], ...actions]) {
      // `ratechange` comes at once: what is played before it is seen at the old rate
      if (name === "rateTo") film.look();
      if (name === "stall" || name === "flow") film.stalled = name === "stall";
      else if (name === "cut") tracker.cut();
      else film[name](...args);
    }
    const told = done().map(([from, to]) => [from / 1000, to / 1000]);
    // Each stretch is rounded to whole milliseconds at both ends.
    const rounding = 0.001 * (told.length + 1);
    assert.ok(beyond(told, film.truth) <= rounding, `claimed too much: ${beyond(told, film.truth)}`);
    assert.ok(beyond(film.truth, told) <= rounding, `lost: ${beyond(film.truth, told)}`);
  }), { numRuns: 1000, endOnFailure: true });
});

// Was found once: back to a little before what was played, and away again before anybody looks.
const AHEAD = [["seek", 0.1], ["run", 0.23, 0.25], ["seek", 0.01], ["unseen", 0.19], ["seek", 0.5]];

test("rule 16: no generated viewer's stretches cost more wall time than went by", () => {
  fc.assert(fc.property(ACTIONS, (actions) => {
    const { film, done } = watching(60);
    film.loop = true;
    for (const [name, ...args] of [["play"], ...actions]) {
      if (name === "rateTo") film.look();
      if (name in film) film[name](...args);
    }
    const cost = done().reduce((sum, [from, to, rate]) => sum + (to - from) / rate, 0);
    assert.ok(cost <= film.now - 1000 + actions.length + 10);
  }), { numRuns: 300, endOnFailure: true, examples: [[AHEAD]] });
});
