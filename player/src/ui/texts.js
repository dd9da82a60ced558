/** Everything that is read, in one place. */

import { clock, moment } from "./clock.js";

export const TEXTS = {
  panel: "学习进度",
  states: { not_started: "○ 未开始", started: "◐ 学习中", done: "✔ 已完成" },
  unknown: "正在查询学习进度……",
  away: "暂时查不到学习进度，播放照常记录。",
  notNow: "现在不在研修时间内，只记观看时长，不计学时。",
  watched: (/** @type {number} */ percent) => `已看 ${percent}%`,
  left: "还缺什么",
  play: "没有看",
  again: "测验通过后还要看",
  more: (/** @type {number} */ count) => `另有 ${count} 段`,
  stretch: (/** @type {number} */ from, /** @type {number} */ to) => `${clock(from)}–${clock(to)}`,
  quizAt: (/** @type {number} */ at) => `${clock(at)} 处的测验未通过`,
  behind: (/** @type {number} */ at) => `${clock(at)} 以后的部分，在通过测验之后看才算`,
  resume: (/** @type {number} */ at) => `从 ${clock(at)} 继续`,
  quizzes: (/** @type {number} */ open) => (open ? `，${open} 个测验未通过` : ""),
};

export const QUIZ = {
  title: (/** @type {number} */ at) => `测验（${clock(at)}）`,
  about: "通过以后，把后面的部分看完，才算完成。",
  question: (/** @type {number} */ number, /** @type {string} */ text, /** @type {boolean} */ several) =>
    `${number}. ${text}${several ? "（可多选）" : ""}`,
  submit: "提交",
  retry: "重新提交",
  later: "先继续看",
  goOn: "继续观看",
  unanswered: (/** @type {number} */ number) => `第 ${number} 题还没有作答。`,
  sent: "已提交，正在判分……",
  offline: "答案已保存在这台设备上，联网后自动提交。",
  slow: "还没有结果。可以先继续看，结果会显示在视频下方。",
  passed: "✔ 通过。请把后面的部分看完。",
  failed: "✘ 未通过。",
  refused: "✘ 提交没有被接受，请重新提交。",
  left: (/** @type {number} */ left, /** @type {number} */ limit) =>
    `24 小时内最多提交 ${limit} 次，现在还可以提交 ${left} 次。`,
  none: (/** @type {number} */ limit, /** @type {number} */ at) =>
    `24 小时内最多提交 ${limit} 次，已经用完，${moment(at)} 以后可以再试。`,
  skipped: "测验还没有通过：后面的部分可以先看，但要在通过之后再看一遍才算。",
};
