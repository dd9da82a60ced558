/** Every status of docs/reference/collector-status.md, and what an honest viewer's events then do. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { backoff } from "../src/backoff.js";
import { young } from "../src/renewal.js";
import { judge } from "../src/verdict.js";
import { heartbeat, portion } from "../src/wire.js";

const beat = (seq, from = 0, to = 15) => ({ type: "heartbeat", seq, from, to, rate: 1 });
const EVENTS = [beat(1), beat(2), beat(3)];
const refusal = (type, ...locs) => ({ accepted: 0, errors: (locs.length ? locs : [["body"]])
  .map((loc) => ({ loc, type, msg: "" })) });
const fate = (status, body, events = EVENTS) => judge({ status, body, retryAfter: 0 }, events).fate;

/** What is to be done about each line of the table that a player's posts can get. */
const FATES = {
  simulated_time_refused: "wait", simulated_time_malformed: "wait", cut_off: "wait",
  token_missing: "expired", token_invalid: "expired", token_expired: "expired",
  other_resource: "less", quiz_of_another_resource: "less", unknown_path: "wait",
  wrong_method: "wait", too_slow: "wait", body_too_large: "less", too_many_events: "less",
  malformed: "less", too_fast: "wait", internal: "wait", kafka_away: "wait", kafka_slow: "wait",
  queue_full: "wait", compressed: "wait", teacher_too_fast: "wait", too_much: "wait",
  too_much_refused: "wait", head_too_large: "wait", no_room: "wait",
};
const NOT_OF_POSTS = ["wrong_key", "unknown_resource", "worker_away", "too_many_plays"];

const page = readFileSync(new URL("../../docs/reference/collector-status.md", import.meta.url), "utf8");
const TABLE = [...page.matchAll(/^\| (\d{3}) \| `(\w+)`/gm)].map(([, status, type]) => [+status, type]);

test("every status of the table is handled", () => {
  assert.ok(TABLE.length > 20);
  for (const [status, type] of TABLE)
    if (!NOT_OF_POSTS.includes(type)) assert.equal(fate(status, refusal(type)), FATES[type], type);
});

test("202 settles all, if it says so of all", () => {
  assert.deepEqual(judge({ status: 202, body: { accepted: 3 }, retryAfter: 0 }, EVENTS),
    { fate: "settled", refused: [], errors: [] });
  assert.equal(fate(202, { accepted: 2 }), "wait");
  assert.equal(fate(202, null), "wait"); // a captive portal, say
});

test("422 drops exactly what loc names", () => {
  const body = { ...refusal("float_type", ["events", 1, "to"], ["events", 1, "from"]), accepted: 2 };
  assert.deepEqual(judge({ status: 422, body, retryAfter: 0 }, EVENTS).refused, [EVENTS[1]]);
  assert.equal(fate(422, body), "settled");
});

test("422 and 403 whose sums do not add up drop nothing but what is alone", () => {
  for (const status of [422, 403]) {
    assert.equal(fate(status, refusal("x", ["events", 1, "to"])), "less");
    assert.equal(fate(status, refusal("not_json")), "less");
    assert.deepEqual(judge({ status, body: refusal("x"), retryAfter: 0 }, [EVENTS[0]]).refused,
      [EVENTS[0]]);
  }
});

test("what is too large alone will never fit", () => {
  assert.deepEqual(judge({ status: 413, body: refusal("body_too_large"), retryAfter: 0 },
    [EVENTS[0]]).refused, [EVENTS[0]]);
});

test("what is not the collector's own answer is never final", () => {
  for (const status of [0, 200, 204, 301, 400, 401, 403, 404, 422, 500, 502, 504])
    for (const body of [null, {}, { errors: "x" }, { errors: [{}] }])
      assert.equal(fate(status, body), "wait", `${status} ${JSON.stringify(body)}`);
  assert.equal(fate(413, null), "less");
  assert.equal(fate(413, null, [EVENTS[0]]), "wait");
});

test("back-off: full jitter, bounded, never before told", () => {
  assert.equal(backoff(1, 0, () => 0), 0);
  assert.equal(backoff(1, 0, () => 1), 1000);
  assert.equal(backoff(3, 0, () => 0.5), 2000);
  assert.equal(backoff(500, 0, () => 1), 60_000);
  assert.equal(backoff(1, 5000, () => 0), 5000);
  assert.equal(backoff(2, 5000, () => 1), 7000);
});

test("a post fits into what a page may send while it is left", () => {
  const quiz = { type: "quiz", seq: 9, quiz_id: "q", answers: { 1: "x".repeat(200) } };
  const many = Array.from({ length: 1000 }, () => quiz);
  const some = portion(many, 1000);
  assert.ok(some.length > 100 && JSON.stringify(some).length < 62_000);
  assert.deepEqual(portion(many, 3), many.slice(0, 3));
  const huge = { ...quiz, answers: { 1: "x".repeat(70_000) } };
  assert.deepEqual(portion([huge, quiz], 10), [huge]); // alone, for it may fit elsewhere
});

test("rule 16: a rate is rounded up, so that a stretch never costs more than it took", () => {
  const rate = (value) => heartbeat({ from: 0, to: 1000, rate: value }).rate;
  assert.deepEqual([1, 1.1, 1.25, 1.333, 1.3333333, 0.07, 1.15, 16].map(rate),
    [1, 1.1, 1.25, 1.34, 1.34, 0.07, 1.15, 16]);
});

test("rule 16: an expired play hands on what fits into half the slack, newest first", () => {
  const quiz = { type: "quiz", seq: 1, quiz_id: "q", answers: {} };
  const fast = { ...beat(4, 0, 4), rate: 2 };
  const pending = [quiz, beat(2, 0, 15), beat(3, 0, 2), fast];
  assert.deepEqual(young(pending), [quiz, beat(3, 0, 2), fast]);
  assert.deepEqual(young([beat(2, 0, 1), beat(3, 0, 15)]), []);
});
