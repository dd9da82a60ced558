"""How the explanation is said: words for everything, times and positions, page and JSON."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from audit.explain import as_json as json_module
from audit.explain import live as live_module
from audit.explain.as_json import as_json
from audit.explain.explanation import explain
from audit.explain.live import Difference, Live, Standing, compare
from audit.explain.records import Evidence, Extent, Logged
from audit.explain.refused_lines import ADVICE
from audit.explain.sentences import HEADINGS
from audit.explain.spending import Cause
from audit.explain.states import DONE, State
from audit.explain.text import as_text
from audit.explain.words import (
    CAUSES,
    REASONS,
    hours,
    hours_left,
    length,
    moment,
    period,
    position,
    reason,
    stretches,
    watched,
)
from pipeline.rules.programme import Quiz
from pipeline.schemas.adjustments import Grant
from pipeline.schemas.rejections import Reason, Rejection
from tests.audit.telling import NOW, explained
from tests.spec.story import (
    Answer,
    At,
    Claim,
    Open,
    Step,
    Wait,
    Watch,
    of_video,
    quiz,
    tell,
    video,
)
from tests.spec.story import moment as at

FILM = video(quiz(720), seconds=900)
SUMMER = of_video(FILM)
UNASKED = Live(Standing.NOT_ASKED)
BUSY: list[Step] = [
    Open("a"), Open("b"), Wait(300), Claim(0, 300, on="a"), Claim(300, 600, on="b"),
    Watch(300, 400, on="a"), Answer(right=1, on="a"), Claim(880, 990, on="a")]


def test_every_reason_code_has_words_that_name_it() -> None:
    assert set(REASONS) == set(Reason)
    for code in Reason:
        assert reason(code, None) == f"{REASONS[code]}（{code}）"


def test_every_cause_has_words_and_advice() -> None:
    assert set(CAUSES) == set(ADVICE) == set(Cause)
    assert reason(Reason.NO_TIME_LEFT, Cause.OTHER_PLAYS).endswith("（no_time_left）")


def test_every_state_of_a_done_resource_has_a_heading() -> None:
    assert set(HEADINGS) >= DONE
    assert {s for s in State if s not in HEADINGS} == {
        State.GAPS, State.QUIZ_NOT_TAKEN, State.QUIZ_FAILED, State.TAIL_NOT_WATCHED}


@pytest.mark.parametrize(("ms", "shown"), [
    (0, "00:00"), (190_000, "03:10"), (190_999, "03:10"), (3_599_000, "59:59"),
    (3_600_000, "01:00:00"), (3_790_000, "01:03:10"),
])
def test_positions(ms: int, shown: str) -> None:
    assert position(ms) == shown


@pytest.mark.parametrize(("ms", "shown"), [
    (1, "1秒"), (15_000, "15秒"), (60_000, "1分钟"), (220_000, "3分40秒"),
    (3_600_000, "1小时"), (3_900_000, "1小时5分"),
])
def test_lengths(ms: int, shown: str) -> None:
    assert length(ms) == shown


def test_what_is_missing_is_rounded_outwards_and_what_was_watched_inwards() -> None:
    assert stretches([10_500, 20_500]) == "00:10–00:21"
    assert watched([10_500, 20_500]) == "00:11–00:20"
    assert watched([10_500, 10_900]) == ""


def test_stretches_with_hardly_a_space_between_are_one() -> None:
    assert stretches([0, 10_000, 12_999, 20_000]) == "00:00–00:20"
    assert stretches([0, 10_000, 13_000, 20_000]) == "00:00–00:10、00:13–00:20"


def test_times_are_beijings() -> None:
    midnight = 1_690_000_000_000 // 86_400_000 * 86_400_000
    assert moment(midnight, midnight) == "07-22 08:00"
    assert moment(midnight, at("2024-01-01 00:00")) == "2023-07-22 08:00"
    assert period(midnight, midnight + 59_000, midnight) == "07-22 08:00"
    assert period(midnight, midnight + 600_000, midnight) == "07-22 08:00到08:10"
    assert period(midnight, midnight + 57_600_000, midnight) == "07-22 08:00到07-23 00:00"


def test_rule_6_hours_are_rounded_down_and_what_lacks_up() -> None:
    assert (hours(2699, 2700), hours(2700, 2700), hours(4050, 2700)) == ("0.99", "1.00", "1.50")
    assert (hours_left(1, 2700), hours_left(2700, 2700)) == ("0.01", "1.00")


PAGE = """\
教师 t1　视频《video》（video，15:00）
查询时间 2023-08-20 12:00，以下都是北京时间；位置为 分:秒。

【summer】course　◐ 还没有完成，暂不计学时
原因：还有1段没有看，共8分20秒：06:40–15:00。其中06:40–10:00、14:40–15:00上报过，但没有采纳，原因见下面。\
12:00处的测验还没有通过：最近一次（07-20 08:06）5题答对1题，至少要答对3题。
现在：请从06:40看到片尾，途中通过12:00处的测验，研修09-01 00:00截止。

■ 播放记录（合计观看6分40秒）
 次   编号      打开          收到                 算作看过的部分   倍速   备注
 ─────────────────────────────────────────────────────────────────────────────────────
 1    a/video   07-20 08:00   07-20 08:05到08:06   00:00–06:40      1      1条没有采纳
 2    b/video   07-20 08:00   07-20 08:05          无               —      1条没有采纳

■ 测验记录
 时间          测验位置   答对       结果
 ────────────────────────────────────────────
 07-20 08:06   12:00      5题对1题   没有通过

■ 没有采纳的记录
· 同一段时间已经算给了别的播放，一份时间只能算一次（no_time_left）。请同一时间只在一处播放一个视频。
  - 第2次播放，07-20 08:05，1条，位置05:00–10:00；当时算给了第1次播放（07-20 08:00起，5分钟）。
· 上报的位置超出了视频长度，或者起止颠倒（bad_stretch）。
  - 第1次播放，07-20 08:06，1条，位置14:40–16:30。

■ 说明
· 有2条没有采纳的记录，系统还没有登记，可以稍后再查一次。
"""


def test_the_page_as_a_helpdesk_sees_it() -> None:
    assert as_text(explained(BUSY, SUMMER), UNASKED) == PAGE


def test_the_teachers_own_programmes_come_first_then_the_latest() -> None:
    old, new = (replace(SUMMER, id=id_, name=id_, window=replace(SUMMER.window, opens_at=opens))
                for id_, opens in (("old", 0), ("new", 1)))
    page = as_text(explained([], old, new, enrolled=[]), UNASKED)
    assert page.index("【new】") < page.index("【old】")
    assert page.count("原因：系统没有收到过") == page.count("原因：同上。") == 1
    page = as_text(explained([], old, new, enrolled=["old"]), UNASKED)
    assert page.index("【old】") < page.index("【new】")


def test_the_stretches_of_a_session_stand_one_below_the_other() -> None:
    page = as_text(explained([Watch(0, 10), Watch(20, 30)], SUMMER), UNASKED)
    assert re.search(r"00:00–00:10 +1\n +00:20–00:30\n", page)


def test_a_play_that_lacks_time_is_not_told_of_its_own_spending() -> None:
    steps: list[Step] = [Open("a"), Open("b"), Wait(300), Claim(0, 100, on="b"),
                         Claim(0, 200, on="a"), Claim(200, 400, on="b")]
    page = as_text(explained(steps, SUMMER), UNASKED)
    assert "当时算给了第1次播放（07-20 08:01起，3分20秒）。" in page


def test_the_parts_of_an_xapi_play_are_one_play() -> None:
    steps: list[Step] = [Open("a.x0"), Open("a.x7"), Wait(300), Claim(0, 100, on="a.x0"),
                         Claim(100, 200, on="a.x7"), Claim(200, 500, on="a.x0")]
    sent = [replace(event, session_id=event.session_id.removesuffix("/video"))
            for event in tell(steps, SUMMER).sent]
    evidence = Evidence("t1", "video", events=tuple(
        Logged(0, offset, event) for offset, event in enumerate(sent)))
    one = explain(tell([], SUMMER).catalogue, evidence, NOW)
    assert [(play.session_id, play.accepted) for play in one.seen.sessions] == [("a", 2)]
    (refusal,) = one.seen.refusals
    assert (refusal.session_id, refusal.cause) == ("a", Cause.FASTER_THAN_TIME)
    assert "- 第1次播放，" in as_text(one, UNASKED)


def test_nothing_received_is_said_honestly() -> None:
    page = as_text(explained([], SUMMER), UNASKED)
    assert "系统没有收到过这位教师打开这个资源的记录。" in page
    assert "没有收到过答卷。" in page
    assert "没有登录、登录了别的账号" in page
    assert "■ 播放记录" not in page


def test_rule_10_neither_the_key_nor_the_answers_are_told() -> None:
    secret = of_video(video(Quiz("q", 720_000, {"1": "THE-KEY"}), seconds=900))
    steps: list[Step] = [Watch(0, 720), Answer(answers={"1": "A-GUESS"}), Watch(720, 900)]
    one = explained(steps, secret)
    shown = as_text(one, UNASKED) + json.dumps(as_json(one, UNASKED))
    assert "1题对0题" in shown
    assert not re.search("THE-KEY|A-GUESS", shown)


@pytest.mark.parametrize(("extent", "remark"), [
    (Extent(5, 5, 0, at("2023-07-01 00:00"), at("2023-08-01 00:00")),
     "只查了2023-08-01 00:00以后存入的记录，结论可能不完整。"),
    (Extent(5, 5, 9, at("2023-08-02 00:00"), None),
     "2023-08-02 00:00以前存入的记录已按期限删除，结论可能不完整。"),
    (Extent(0, 0, 9, None, None), "以前存入的记录已按期限删除，结论可能不完整。"),
])
def test_evidence_that_is_not_whole_is_said_to_be_so(extent: Extent, remark: str) -> None:
    assert f"· {remark}\n" in as_text(replace(explained([], SUMMER), extent=extent), UNASKED)


def test_long_lists_are_cut_on_the_page_and_whole_in_json() -> None:
    steps: list[Step] = [step for n in range(25) for step in (
        Watch(10 * n, 10 * n + 10, on=f"s{n:02}"), Answer(right=0, on=f"s{n:02}"))]
    one = explained(steps, SUMMER)
    page = as_text(one, UNASKED)
    assert "24/video" in page
    assert "04/video" not in page
    assert page.count("（只列出最近20次，共25次；全部见 --json。）") == 2
    made = as_json(one, UNASKED)
    assert len(made["sessions"]) == len(made["quiz_attempts"]) == 25


def test_a_refused_enrolment_is_named() -> None:
    refused = Rejection(reason=Reason.UNKNOWN_PROGRAMME, topic="enrolments", partition=0, offset=3,
                        at=at("2023-07-20 08:00"), teacher_id="t1")
    page = as_text(explained([], SUMMER, rejections=[refused]), UNASKED)
    assert "  - 报名记录，07-20 08:00，1条。" in page


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys(inner)}
    return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()


def test_json_has_the_documented_fields_and_no_others() -> None:
    differing = Live(Standing.DIFFERS, "", (Difference("a", 1, 2),))
    grant = Grant(adjustment_id="a1", teacher_id="t1", programme_id="summer", by="wang",
                  reason="r", at=5, course_id="course", seconds=9)
    limited = of_video(FILM, quiz_attempts=1)
    one = explained([*BUSY, Answer(on="a")], limited, adjustments=[grant])
    made = json.loads(json.dumps(as_json(one, differing)))
    documented = set(re.findall(r'"(\w+)"', json_module.__doc__ or ""))
    values = {"video", "text", "log", "collector", "record", "grant", "withdraw", "hold",
              "opening"}
    assert keys(made) - documented == set()
    assert documented - keys(made) <= values


def test_json_is_for_machines() -> None:
    made = json.loads(json.dumps(as_json(explained(BUSY, SUMMER), UNASKED)))
    (programme,) = made["programmes"]
    assert programme["states"] == ["gaps", "quiz_failed"]
    assert programme["missing"] == [[400_000, 900_000]]
    assert programme["todo"] == {"watch": [[400_000, 720_000]], "quizzes": ["q"],
                                 "then_from_ms": 720_000}
    assert [one["watched"] for one in made["sessions"]] == [[[0, 400_000]], []]
    (attempt,) = made["quiz_attempts"]
    assert (attempt["right"], attempt["of"], attempt["passed"]) == (1, 5, [])
    first, second = made["refusals"]
    assert (first["reason"], first["cause"]) == ("no_time_left", "other_plays")
    begin = at("2023-07-20 08:00")
    assert first["taken_by"] == [{"resource_id": "video", "session_id": "a/video",
                                  "spent": [[begin, begin + 300_000]]}]
    assert second["reason"] == "bad_stretch"


def test_what_workers_show_is_compared_field_by_field() -> None:
    one = explained(BUSY, SUMMER)
    page = json.loads(json.dumps(one.progress))
    listings = [finding.listing for finding in one.findings]
    assert compare(one.progress, page, listings) == ()
    page[0]["credited_seconds"] = 7
    page[0]["courses"][0]["learned_seconds"] = 8
    page[0]["courses"][0]["resources"][0]["missing_ms"] = [0, 1]
    assert [str(one) for one in compare(one.progress, page, listings)] == [
        "summer/credited_seconds：按记录应为 0，系统显示 7",
        "summer/course/learned_seconds：按记录应为 0，系统显示 8",
        "summer/video/missing_ms：按记录应为 [400000, 900000]，系统显示 [0, 1]"]
    assert len(compare(one.progress, [], listings)) > 10, "a worker without the programme"


def test_a_teacher_whom_no_worker_knows_is_blank() -> None:
    one = explained(BUSY, SUMMER)
    listings = [finding.listing for finding in one.findings]
    assert {d.place for d in compare(one.progress, one.blank, listings)} >= {
        "summer/started_at", "summer/video/state"}
    nobody = explained([], SUMMER, enrolled=[])
    assert compare(nobody.progress, nobody.blank, listings) == ()


def test_a_difference_is_the_first_thing_on_the_page() -> None:
    live = Live(Standing.DIFFERS, "", (Difference("summer/video/state", "started", "done"),))
    page = as_text(explained(BUSY, SUMMER), live)
    assert page.startswith("！！！系统现在显示的结果与存储的记录不一致。")
    assert "！summer/video/state：按记录应为 started，系统显示 done\n" in page


@pytest.mark.parametrize("standing", live_module.Standing)
def test_every_standing_of_the_comparison_can_be_shown(standing: Standing) -> None:
    assert as_text(explained(BUSY, SUMMER), Live(standing))


def test_what_was_before_the_window_is_marked() -> None:
    steps: list[Step] = [At("2023-07-10 08:00"), Watch(0, 300), Answer()]
    page = as_text(explained(steps, SUMMER), UNASKED)
    assert "不在summer的开放时间内" in page
    assert "不在研修开放时间内，不算" in page
