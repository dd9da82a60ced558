"""Rules 10, 19 ⚙ `quiz_attempts`: how a helpdesk is told of attempts that did not count.

The video has its quiz at 12:00 and ends at 15:00; the teacher watches all of it, and then tries.
"""

from collections.abc import Sequence

import pytest

from audit.explain.as_json import as_json
from audit.explain.explanation import Explanation
from audit.explain.live import Live, Standing
from audit.explain.sentences import todo, why
from audit.explain.states import State
from audit.explain.text import as_text
from pipeline.rules.programme import Programme
from pipeline.schemas.rejections import Reason, Rejection
from tests.audit.telling import explained, finding
from tests.spec.story import (
    HOUR,
    Answer,
    At,
    Step,
    Wait,
    Watch,
    moment,
    of_video,
    quiz,
    video,
)

FILM = video(quiz(720), seconds=900)
LIMITED = of_video(FILM, quiz_attempts=2)
UNASKED = Live(Standing.NOT_ASKED)
WRONG, HALF, RIGHT = Answer(right=0), Answer(right=2), Answer()
AT_815: list[Step] = [Watch(0, 900), WRONG]
TOLD = "12:00处的测验还没有通过：最近一次（07-20 {}）5题答对{}题，至少要答对3题。"
PASS = "请通过12:00处的测验，通过之后从12:00看到片尾，研修09-01 00:00截止。"


def told(steps: Sequence[Step], now: str, *programmes: Programme) -> Explanation:
    return explained([*AT_815, *steps], *(programmes or (LIMITED,)), now=moment(now))


@pytest.mark.parametrize(("steps", "now", "because", "what"), [
    # How many were used, and nothing about waiting while there are some left;
    ([], "2023-07-20 08:20",
     f"{TOLD.format('08:15', 0)}24小时以内最多批改2次，已用1次。", PASS),
    # with none left, when the next one counts.
    ([Wait(90), HALF], "2023-07-20 08:20",
     f"{TOLD.format('08:16', 2)}24小时以内最多批改2次，已用2次。",
     f"{PASS}12:00处的测验07-21 08:15起再交才算。"),
    # What was refused is not the last attempt, and is not counted.
    ([Wait(90), HALF, Wait(60), RIGHT], "2023-07-20 08:20",
     f"{TOLD.format('08:16', 2)}24小时以内最多批改2次，已用2次。",
     f"{PASS}12:00处的测验07-21 08:15起再交才算。"),
    # A moment that is not a whole minute is told as the next one.
    ([Wait(0.5), HALF, Wait(24 * HOUR - 0.5), WRONG], "2023-07-21 08:15",
     "12:00处的测验还没有通过：最近一次（07-21 08:15）5题答对0题，至少要答对3题。"
     "24小时以内最多批改2次，已用2次。",
     f"{PASS}12:00处的测验07-21 08:16起再交才算。"),
    # A day later they are back.
    ([HALF], "2023-07-21 08:15",
     f"{TOLD.format('08:15', 2)}24小时以内最多批改2次，已用0次。", PASS),
    # When all is over nobody is told to wait.
    ([HALF], "2023-09-05 00:00", TOLD.format("08:15", 2),
     "研修已于2023-09-01 00:00结束，现在再看也不计入了。"),
])
def test_rule_10_how_many_attempts_are_used_and_when_the_next_one_counts(
    steps: list[Step], now: str, because: str, what: str
) -> None:
    one = finding(told(steps, now))
    assert one.states == (State.QUIZ_FAILED,)
    assert (why(one, moment(now)), todo(one, moment(now))) == (because, what)


def test_rule_10_who_has_passed_is_told_of_no_limit() -> None:
    one = finding(told([RIGHT], "2023-07-20 08:20"))
    assert why(one, moment("2023-07-20 08:20")) == (
        "12:00处的测验通过以后，12:00–15:00没有再看；通过之前看的不算。")
    assert "再交" not in todo(one, moment("2023-07-20 08:20"))


REFUSED = """
· 24小时以内交卷的次数已经用完，这次没有批改，做对做错都不算（too_many_attempts）。
  - 第1次播放，07-20 08:15到09:15，2条；12:00处的测验24小时以内最多批改2次，当时已用2次，\
07-21 08:15起再交才算。
"""


def test_rule_19_a_refused_attempt_is_told_with_when_the_next_one_counts() -> None:
    one = told([HALF, RIGHT, Wait(HOUR), RIGHT], "2023-08-20 12:00")
    assert REFUSED in as_text(one, UNASKED)
    (refusal,) = one.seen.refusals
    assert (refusal.reason, refusal.count) == (Reason.TOO_MANY_ATTEMPTS, 2)
    assert [attempt.right for attempt in one.seen.attempts] == [0, 2]
    (made,) = as_json(one, UNASKED)["refusals"]
    assert made["limits"] == [{
        "programme_id": "summer", "quiz_id": "q", "limit": 2, "used": 2,
        "next_at": moment("2023-07-21 08:15")}]


def test_rule_10_machines_are_told_the_same() -> None:
    def asked(*steps: Step, limit: int | None) -> tuple[object, ...]:
        one = told(steps, "2023-07-20 08:20", of_video(FILM, quiz_attempts=limit))
        (made,) = as_json(one, UNASKED)["programmes"][0]["quizzes"]
        return made["attempts_limit"], made["attempts_used"], made["next_attempt_at"]

    assert asked(limit=2) == (2, 1, moment("2023-07-20 08:20"))
    assert asked(limit=1) == (1, 1, moment("2023-07-21 08:15"))
    assert asked(limit=None) == asked(RIGHT, limit=2) == (None, None, None)


ALSO = of_video(FILM, id="also", name="also", quiz_attempts=1)


def test_rule_10_an_attempt_may_count_in_one_programme_and_come_too_often_for_another() -> None:
    one = told([HALF], "2023-07-20 08:20", LIMITED, ALSO)
    assert one.seen.refusals == ()
    assert [attempt.beyond for attempt in one.seen.attempts] == [(), ("also",)]
    assert "summer：没有通过；also：次数已用完，不算" in as_text(one, UNASKED).replace("\n", "")
    here, there = finding(one), finding(one, "also")
    assert [f.quizzes[0].attempts for f in (here, there)] == [2, 1]
    assert [f.quizzes[0].outside for f in (here, there)] == [0, 0]
    assert "5题答对2题" in why(here, one.now)
    assert "5题答对0题" in why(there, one.now)
    made = as_json(one, UNASKED)["quiz_attempts"]
    assert [attempt["beyond"] for attempt in made] == [[], ["also"]]


def test_rule_10_what_passes_beyond_a_limit_passes_nothing_there() -> None:
    one = told([RIGHT], "2023-07-20 08:20", LIMITED, ALSO)
    assert one.seen.attempts[-1].passed == ("summer",)
    assert [finding(one, id_).quizzes[0].passed for id_ in ("summer", "also")] == [True, False]


def test_rule_19_beyond_both_limits_both_are_told() -> None:
    page = as_text(told([HALF, RIGHT], "2023-07-20 08:20", LIMITED, ALSO), UNASKED)
    assert "的测验在summer里24小时以内最多批改2次，当时已用2次，07-21 08:15起再交才算" in page
    assert "的测验在also里24小时以内最多批改1次，当时已用1次，07-21 08:15起再交才算" in page


def test_rule_12_what_was_handed_in_before_the_window_used_nothing_up() -> None:
    steps: list[Step] = [At("2023-07-13 23:00"), WRONG, WRONG, WRONG, At("2023-07-14 01:00"), WRONG]
    one = finding(explained(steps, LIMITED, now=moment("2023-07-14 02:00")))
    assert (one.quizzes[0].attempts, one.quizzes[0].outside) == (1, 3)
    assert "已用1次" in why(one, moment("2023-07-14 02:00"))


def test_rule_19_what_is_too_old_is_told_of_no_limit() -> None:
    steps: list[Step] = [HALF, Wait(25 * HOUR), Watch(0, 5), At("2023-07-20 08:20"), RIGHT]
    (refusal,) = told(steps, "2023-08-20 12:00").seen.refusals
    assert (refusal.reason, refusal.limits) == (Reason.TOO_OLD, {})


def on_record(offset: int) -> Rejection:
    """A refusal as a worker writes it, of the session as the specification names it."""
    made = Rejection(reason=Reason.TOO_MANY_ATTEMPTS, topic="telemetry", partition=0,
                     offset=offset, at=5, teacher_id="t1", resource_id="video")
    return made.model_copy(update={"session_id": "pc/video"})


def test_rule_19_where_the_log_is_gone_what_is_on_record_is_told() -> None:
    page = as_text(explained(AT_815, LIMITED, rejections=[on_record(9)]), UNASKED)
    assert "做对做错都不算（too_many_attempts）。\n  - 第1次播放，1970-01-01 08:00，1条。" in page


def test_rule_19_the_replay_and_the_record_of_a_refused_attempt_are_one() -> None:
    steps: list[Step] = [*AT_815, WRONG, RIGHT]
    one = explained(steps, LIMITED, rejections=[on_record(len(steps) - 1)])
    assert one.check == (1, 1, 0, 0)
    assert [refusal.source for refusal in one.seen.refusals] == ["log"]
