/** Queue and sender, with a server that answers as told; no IndexedDB, as in some private windows. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Numbers } from "../src/numbers.js";
import { Queue } from "../src/queue.js";
import { Sender } from "../src/sender.js";
import { BLOCK, Store } from "../src/store.js";

const beat = (from) => ({ type: "heartbeat", from, to: from + 15, rate: 1 });
const answer = (status, body, headers) => new Response(JSON.stringify(body), { status, headers });
const taken = ({ events }) => answer(202, { accepted: events.length });

let posts;
let full;

beforeEach(() => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  mock.restoreAll();
  posts = [];
  full = [];
});

/** @param {((post: any) => Response | Promise<Response>)[]} answers  the last one for ever */
async function sending(...answers) {
  mock.method(globalThis, "fetch", async (url, { body, headers, keepalive }) => {
    const post = { ...JSON.parse(body), headers, keepalive, url };
    posts.push(post);
    return (answers.length > 1 ? answers.shift() : answers[0])(post);
  });
  mock.method(Math, "random", () => 0);
  const owner = { id: "s", url: "http://c/v1/events", token: "t", born: 0 };
  const queue = new Queue(owner, new Store(), (events) => full.push(...events));
  const heard = { accepted: [], refused: [], expired: 0 };
  const sender = new Sender(queue, {
    accepted: (events) => heard.accepted.push(...events),
    refused: (events) => heard.refused.push(...events),
    expired: () => { heard.expired += 1; },
  });
  await queue.open();
  return { queue, sender, heard };
}

/** Until nothing waits, or nothing more happens. */
async function settled({ queue, sender }) {
  for (let i = 0; i < 100 && queue.pending.length; i += 1) {
    await sender.send();
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

test("rule 18: numbers are handed out of reserved blocks, each once", () => {
  const numbers = new Numbers();
  assert.equal(numbers.left, 0);
  numbers.add(1);
  assert.equal(numbers.low, false);
  const first = Array.from({ length: BLOCK / 2 + 1 }, () => numbers.take());
  assert.equal(numbers.low, true);
  numbers.add(1000);
  assert.equal(numbers.low, false);
  assert.equal(numbers.left, BLOCK / 2 - 1 + BLOCK);
  const rest = Array.from({ length: BLOCK }, () => numbers.take());
  const all = [...first, ...rest];
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(all, all.toSorted((a, b) => a - b));
  assert.equal(all.at(-1), 1000 + BLOCK / 2);
});

test("what is acknowledged is sent once, in order, with the token in the header", async () => {
  const all = await sending(taken);
  for (const from of [0, 15, 30]) all.queue.add(beat(from));
  await settled(all);
  assert.equal(posts.length, 1);
  assert.equal(posts[0].headers.Authorization, "Bearer t");
  const seqs = posts[0].events.map(({ seq }) => seq);
  assert.deepEqual(seqs, [seqs[0], seqs[0] + 1, seqs[0] + 2]);
  assert.equal(all.heard.accepted.length, 3);
});

test("what came before the first number is not lost", async () => {
  const queue = new Queue({ id: "s", url: "u", token: "t", born: 0 }, new Store(), () => {});
  queue.add(beat(0));
  assert.equal(queue.pending.length, 0);
  await queue.open();
  assert.deepEqual(queue.pending.map(({ from }) => from), [0]);
});

for (const [name, first] of [
  ["the network is away", () => Promise.reject(new TypeError("failed"))],
  ["500", () => answer(500, { accepted: 0, errors: [{ loc: ["server"], type: "internal", msg: "" }] })],
  ["a proxy's 403", () => new Response("<html>", { status: 403 })],
  ["an answer cut off", () => new Response('{"accep', { status: 202 })],
  ["a captive portal", () => new Response("<html>", { status: 200 })],
])
  test(`after ${name} the same is sent again`, async () => {
    const all = await sending(first, first, taken);
    all.queue.add(beat(0));
    await settled(all);
    assert.deepEqual([posts.length, all.heard.accepted.length, all.heard.refused.length], [3, 1, 0]);
    assert.deepEqual(posts[0].events, posts[2].events);
  });

test("Retry-After is waited for, also when the network comes back", async () => {
  const all = await sending(() => answer(503, {}, { "Retry-After": "1" }), taken);
  all.queue.add(beat(0));
  await all.sender.send();
  await all.sender.online();
  assert.equal(posts.length, 1);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal(posts.length, 2);
});

test("422 drops what is named and keeps what is accepted", async () => {
  const error = { loc: ["events", 1, "to"], type: "beyond_the_end", msg: "" };
  const all = await sending(() => answer(422, { accepted: 2, errors: [error] }));
  for (const from of [0, 15, 30]) all.queue.add(beat(from));
  await settled(all);
  assert.deepEqual(all.heard.refused.map(({ from }) => from), [15]);
  assert.deepEqual(all.heard.accepted.map(({ from }) => from), [0, 30]);
  assert.equal(posts.length, 1);
});

test("a post that is at fault as a whole loses only the event that is", async () => {
  const bad = ({ events }) => events.some(({ from }) => from === 45)
    ? answer(422, { accepted: 0, errors: [{ loc: ["body"], type: "not_json", msg: "" }] })
    : taken({ events });
  const all = await sending(bad);
  for (const from of [0, 15, 30, 45, 60, 75]) all.queue.add(beat(from));
  await settled(all);
  assert.deepEqual(all.heard.refused.map(({ from }) => from), [45]);
  assert.deepEqual(all.heard.accepted.map(({ from }) => from).toSorted((a, b) => a - b),
    [0, 15, 30, 60, 75]);
});

test("413 sends less at once", async () => {
  const all = await sending(({ events }) => events.length > 2
    ? answer(413, { accepted: 0, errors: [{ loc: ["events"], type: "too_many_events", msg: "" }] })
    : taken({ events }));
  for (let from = 0; from < 150; from += 15) all.queue.add(beat(from));
  await settled(all);
  assert.deepEqual([all.heard.accepted.length, all.heard.refused.length], [10, 0]);
});

test("an expired token ends the sending, and nothing is dropped by it alone", async () => {
  const all = await sending(() =>
    answer(401, { accepted: 0, errors: [{ loc: ["header"], type: "token_expired", msg: "" }] }));
  all.queue.add(beat(0));
  await all.sender.send();
  await all.sender.send();
  assert.deepEqual([posts.length, all.heard.expired, all.queue.pending.length], [1, 2, 1]);
});

test("a full queue keeps the oldest", async () => {
  const all = await sending(taken);
  for (let i = 0; i < 10_003; i += 1) all.queue.add(beat(i));
  assert.equal(all.queue.pending.length, 10_000);
  assert.deepEqual(full.map(({ from }) => from), [10_000, 10_001, 10_002]);
});

test("leaving sends at once what fits, with the token in the body, and not twice the same", async () => {
  const all = await sending(taken);
  for (let i = 0; i < 1000; i += 1) all.queue.add(beat(i));
  all.sender.leave();
  all.sender.leave();
  assert.equal(posts.length, 1);
  assert.deepEqual([posts[0].token, posts[0].keepalive, posts[0].headers], ["t", true, undefined]);
  assert.ok(JSON.stringify(posts[0]).length < 64 * 1024);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(all.heard.accepted.length, posts[0].events.length);
  assert.equal(all.queue.pending.length, 1000 - posts[0].events.length);
});
