/** The pure parts of the UI: what is shown of an answer, and when a quiz is asked. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { clock } from "../src/ui/clock.js";
import { told } from "../src/ui/dialog.js";
import { Places } from "../src/ui/places.js";
import { contains, total, without } from "../src/ui/spans.js";
import { standing } from "../src/ui/standing.js";

const PLAY = {
  session_id: "s", token: "t", opened_at: 0, expires_at: 1, heartbeat_seconds: 15,
  resource: { kind: "video", duration_seconds: 60 },
  quizzes: [{ quiz_id: "b", at_seconds: 40, questions: ["1"] },
    { quiz_id: "a", at_seconds: 20, questions: ["1"] }],
};

const quiz = (quiz_id, passed, missing_after = [], attempts = null) =>
  ({ quiz_id, passed, missing_after, attempts });

const programme = (said) => ({
  programme_id: "p", state: "started", counts_now: true, covered: [], missing: [], to_watch: [],
  continue_at_ms: 0, quizzes: [], ...said });

const progress = (...programmes) =>
  ({ resource_id: "r", continue_at_ms: 20_000, heard: [], programmes });

test("places are read as people read them", () => {
  assert.equal(clock(0), "00:00");
  assert.equal(clock(754_999), "12:34");
  assert.equal(clock(3_723_000), "1:02:03");
});

test("spans: what is in these and not in those", () => {
  const spans = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 })
    .map((all) => [...new Set(all)].sort((a, b) => a - b))
    .map((all) => all.slice(0, all.length - (all.length % 2)));
  fc.assert(fc.property(spans, spans, fc.integer({ min: 0, max: 40 }), (these, those, point) => {
    const left = without(these, those);
    assert.equal(contains(left, point), contains(these, point) && !contains(those, point));
    assert.equal(total(left), [...Array(41).keys()].filter((p) => contains(left, p)).length);
  }));
});

test("rule 26: nothing is known, so nothing is claimed", () => {
  const of = standing(PLAY, null);
  assert.deepEqual([of.state, of.covered, of.continueAt, of.counts], [null, [], 0, true]);
  assert.deepEqual(of.quizzes.map(({ quiz: { quiz_id }, passed }) => [quiz_id, passed]),
    [["a", false], ["b", false]]);
});

test("rule 8: what is behind an open quiz is covered, and not settled", () => {
  const of = standing(PLAY, progress(programme({
    covered: [0, 60_000], quizzes: [quiz("a", true, [50_000, 60_000]), quiz("b", false, [40_000, 60_000])] })));
  assert.deepEqual(of.settled, [0, 40_000]);
  const passed = standing(PLAY, progress(programme({
    covered: [0, 60_000], quizzes: [quiz("a", true, [50_000, 60_000]), quiz("b", true)] })));
  assert.deepEqual(passed.settled, [0, 50_000]);
});

test("rule 12: of several programmes, the furthest from done of those that count now", () => {
  const over = programme({ programme_id: "over", counts_now: false, to_watch: [0, 60_000] });
  const done = programme({ programme_id: "done", state: "done", covered: [0, 60_000] });
  const some = programme({ programme_id: "some", to_watch: [0, 10], covered: [10, 60_000] });
  const more = programme({ programme_id: "more", to_watch: [0, 20], covered: [20, 60_000] });
  assert.deepEqual(standing(PLAY, progress(over, done, some, more)).covered, [20, 60_000]);
  assert.equal(standing(PLAY, progress(over, done)).state, "done");
  assert.equal(standing(PLAY, progress(over)).counts, false);
});

const asked = standing(PLAY, null).quizzes.map((one) => (
  { ...one, quiz: { ...one.quiz, wording: [{ id: "1", text: "?", several: false, choices: [] }] } }));
const at = (places, ...looks) => looks.map(([now, ended]) =>
  places.reached(now * 1000, 1, asked, ended ?? false)?.quiz.quiz_id);

test("a quiz is asked where playback comes to it, and not where it jumps over it", () => {
  assert.deepEqual(at(new Places(), [18], [19.9]), [undefined, undefined]);
  const places = new Places();
  places.jumped(19_000, asked);
  assert.deepEqual(at(places, [19.8], [20.1], [20.4]), [undefined, "a", undefined]);
  places.jumped(30_000, asked);
  assert.deepEqual(at(places, [30.2]), [undefined]);
  places.jumped(20_000, asked);
  assert.deepEqual(at(places, [20.2]), ["a"], "to its very place");
});

test("who went on is asked again when they come back from before it", () => {
  const places = new Places();
  places.jumped(19_900, asked);
  assert.deepEqual(at(places, [20.1]), ["a"]);
  places.skip("a");
  places.jumped(20_000, asked);
  assert.deepEqual(at(places, [20.2], [20.4]), [undefined, undefined]);
  places.jumped(19_000, asked);
  assert.deepEqual(at(places, [19.9], [20.1]), [undefined, "a"]);
});

test("a quiz at the end is asked there, though the film is a little shorter than is said", () => {
  const places = new Places();
  places.jumped(39_000, asked);
  assert.deepEqual(at(places, [39.4, true]), ["b"]);
});

test("what is passed, or has no wording, is never asked", () => {
  const places = new Places();
  places.jumped(19_900, asked);
  assert.equal(places.reached(20_100, 1, asked.map((one) => ({ ...one, passed: true })), false), undefined);
  places.jumped(19_900, asked);
  assert.equal(places.reached(20_100, 1, standing(PLAY, null).quizzes, false), undefined);
});

test("rule 10: how often it may be tried", () => {
  assert.equal(told(null), "");
  assert.equal(told({ limit: 3, left: 2, next_at: null }),
    "24 小时内最多提交 3 次，现在还可以提交 2 次。");
  assert.match(told({ limit: 3, left: 0, next_at: Date.UTC(2023, 6, 20, 4) }),
    /已经用完，.*以后可以再试。/);
});
