"""What a helpdesk is told, situation by situation: the state, why, and what to do now.

The programme is open until 2023-09-01, the teacher asks on 2023-08-20, and the video has a quiz
of five questions at 12:00 and ends at 15:00, unless a case says otherwise.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from audit.explain.sentences import todo, why
from audit.explain.sentences_done import decided
from audit.explain.spending import Cause
from audit.explain.states import State
from pipeline.rules.programme import Programme, Quiz
from pipeline.schemas.adjustments import (
    AnyAdjustment,
    Grant,
    Hold,
    OpeningBalance,
    Reversal,
    Withdrawal,
)
from pipeline.schemas.rejections import Reason
from tests.audit.telling import NOW, explained, finding
from tests.spec.story import (
    EARLIER_WINDOW,
    HOUR,
    Again,
    Answer,
    At,
    Claim,
    Online,
    Open,
    Step,
    Wait,
    Watch,
    course,
    moment,
    of_video,
    programme,
    quiz,
    video,
)

FILM = video(quiz(720), seconds=900)
PLAIN = video(seconds=900)
HONEST: list[Step] = [Watch(0, 720), Answer(), Watch(720, 900)]
UNTIL = "，研修09-01 00:00截止。"
SUMMER = of_video(FILM)


def said(steps: Sequence[Step], *programmes: Programme, **options: object) -> tuple[str, str]:
    """Why, and what to do."""
    one = finding(explained(steps, *programmes, **options))  # type: ignore[arg-type]
    return why(one, NOW), todo(one, NOW)


def states(steps: Sequence[Step], *programmes: Programme, **options: object) -> list[State]:
    return list(finding(explained(steps, *programmes, **options)).states)  # type: ignore[arg-type]


@pytest.mark.parametrize(("steps", "expected", "because", "now"), [
    ([], [State.NOTHING_RECEIVED],
     "系统没有收到过这位教师打开这个资源的记录。", "请从头看到尾，途中通过12:00处的测验"),
    ([Watch(0, 190), Watch(205, 720), Answer(), Watch(720, 900)], [State.GAPS],
     "还有1段没有看，共15秒：03:10–03:25。拖动进度条跳过的部分不算看过。",
     "请看03:10–03:25"),
    ([Watch(0, 300)], [State.GAPS, State.QUIZ_NOT_TAKEN],
     "还有1段没有看，共10分钟：05:00–15:00。12:00处的测验还没有做。",
     "请从05:00看到片尾，途中通过12:00处的测验"),
    # Seeking to the end covers nothing but the end.
    ([Watch(0, 5), Watch(890, 900)], [State.GAPS, State.QUIZ_NOT_TAKEN],
     "还有1段没有看，共14分45秒：00:05–14:50。拖动进度条跳过的部分不算看过。"
     "12:00处的测验还没有做。",
     "请从00:05看到片尾，途中通过12:00处的测验"),
    ([Watch(0, 720), Answer(right=2), Watch(720, 900)], [State.QUIZ_FAILED],
     "12:00处的测验还没有通过：最近一次（07-20 08:12）5题答对2题，至少要答对3题。",
     "请通过12:00处的测验，通过之后从12:00看到片尾"),
    ([Watch(0, 720), Answer(right=0), Wait(60), Answer(right=2), Watch(720, 900)],
     [State.QUIZ_FAILED],
     "12:00处的测验还没有通过：最近一次（07-20 08:13）5题答对2题，至少要答对3题。",
     "请通过12:00处的测验，通过之后从12:00看到片尾"),
    ([Watch(0, 900)], [State.QUIZ_NOT_TAKEN],
     "12:00处的测验还没有做。", "请通过12:00处的测验，通过之后从12:00看到片尾"),
    ([Watch(0, 900), Answer()], [State.TAIL_NOT_WATCHED],
     "12:00处的测验通过以后，12:00–15:00没有再看；通过之前看的不算。", "请从12:00重新看到片尾"),
    ([Watch(0, 900), Answer(), Watch(720, 800)], [State.TAIL_NOT_WATCHED],
     "12:00处的测验通过以后，13:20–15:00没有再看；通过之前看的不算。", "请从13:20重新看到片尾"),
    ([Watch(0, 720), Answer(), Watch(720, 800)], [State.GAPS, State.TAIL_NOT_WATCHED],
     "还有1段没有看，共1分40秒：13:20–15:00。", "请从13:20看到片尾"),
    # A gap before an open quiz comes first, then the quiz, then what lies behind it.
    ([Watch(0, 60), Watch(120, 900), Answer(right=0)], [State.GAPS, State.QUIZ_FAILED],
     "还有1段没有看，共1分钟：01:00–02:00。拖动进度条跳过的部分不算看过。"
     "12:00处的测验还没有通过：最近一次（07-20 08:14）5题答对0题，至少要答对3题。",
     "请先看01:00–02:00，再通过12:00处的测验，通过之后从12:00看到片尾"),
    # Many small gaps: nobody hunts for each.
    ([*[Watch(40 * n, 40 * n + 30) for n in range(7)], Watch(270, 720), Answer(), Watch(720, 900)],
     [State.GAPS],
     "还有6段没有看，共1分钟：00:30–00:40、01:10–01:20、01:50–02:00、02:30–02:40、"
     "03:10–03:20等。拖动进度条跳过的部分不算看过。",
     "请看00:30–04:00"),
])
def test_rule_8_what_is_missing_of_a_video(
    steps: list[Step], expected: list[State], because: str, now: str
) -> None:
    assert states(steps, SUMMER) == expected
    assert said(steps, SUMMER) == (because, now + UNTIL)


TWO = video(quiz(300, "a"), quiz(900, "b"), seconds=900)


@pytest.mark.parametrize(("steps", "now"), [
    ([], "请从头看到尾，途中通过05:00处、片尾的测验"),
    ([Watch(0, 900)], "请通过05:00处的测验，通过之后从05:00看到片尾，途中通过片尾的测验"),
    ([Watch(0, 300), Answer(quiz="a"), Watch(300, 900)], "请通过片尾的测验"),
    ([Watch(0, 300), Answer(quiz="a"), Watch(300, 600)], "请从10:00看到片尾，并通过片尾的测验"),
    ([Watch(0, 300), Answer(quiz="a"), Watch(300, 600), Watch(700, 900)],
     "请先看10:00–11:40，再通过片尾的测验"),
    ([Watch(0, 900), Answer(quiz="a"), Answer(quiz="b")], "请从05:00重新看到片尾"),
])
def test_rule_8_several_quizzes_in_their_order(steps: list[Step], now: str) -> None:
    assert said(steps, of_video(TWO))[1] == now + UNTIL


def test_rule_8_a_quiz_at_the_very_beginning() -> None:
    opening = of_video(video(quiz(0), seconds=900))
    assert said([Watch(0, 900)], opening) == (
        "开头的测验还没有做。", f"请通过开头的测验，通过之后从头看到尾{UNTIL}")


def test_rule_9_what_is_forgiven_is_not_called_missing() -> None:
    nearly: list[Step] = [Watch(0, 400), Watch(401.9, 720), Answer(), Watch(720, 900)]
    assert states(nearly, of_video(FILM)) == [State.EXTENSION]
    shorter: list[Step] = [Watch(0, 400), Watch(401.9, 720), Answer(), Watch(720, 899)]
    assert states(shorter, of_video(FILM)) == [State.GAPS, State.TAIL_NOT_WATCHED]


def test_rule_9_a_tail_that_lacks_less_than_a_gap_may_still_has_words() -> None:
    steps: list[Step] = [Watch(0, 720), Answer(), Watch(720, 898.5)]
    assert states(steps, SUMMER) == [State.TAIL_NOT_WATCHED]
    assert said(steps, SUMMER) == (
        "12:00处的测验通过以后，14:58–15:00没有再看；通过之前看的不算。",
        f"请从14:58重新看到片尾{UNTIL}")


def test_rule_10_a_count_is_exact_whatever_its_share() -> None:
    """1/49 of 49 is less than 1 in binary fractions."""
    questions = {str(n): "A" for n in range(49)}
    steps: list[Step] = [Answer(answers={"0": "A"})]
    (one,) = explained(steps, of_video(video(Quiz("q", 0, questions)))).seen.attempts
    assert (one.right, one.of) == (1, 49)


def test_rule_10_handing_in_may_be_enough() -> None:
    lenient = of_video(FILM, quiz_rule="completed")
    assert states([Watch(0, 720), Answer(right=0), Watch(720, 900)], lenient) == [State.EXTENSION]
    half: list[Step] = [Watch(0, 720), Answer(answers={"1": "A"}), Watch(720, 900)]
    assert said(half, lenient)[0] == (
        "12:00处的测验还没有通过：最近一次（07-20 08:12）5题答对1题，每题都要作答。")


def test_what_ends_within_the_last_second_ends_at_the_end() -> None:
    steps: list[Step] = [Watch(0, 100), Watch(899.5, 900)]
    assert said(steps, of_video(PLAIN))[1] == f"请从01:40看到片尾{UNTIL}"


def hours_of(required: int, *resources: str, **settings: object) -> Programme:
    """A programme of one course of such videos that requires so many seconds."""
    films = [video(id=id_, seconds=900) for id_ in resources]
    return replace(programme(course(*films, required=required)), **settings)  # type: ignore[arg-type]


BOTH: list[Step] = [Watch(0, 900, of="one"), Watch(0, 900, of="two")]


@pytest.mark.parametrize(("required", "of", "expected", "because", "now"), [
    (1800, "one", State.CREDITED, "07-20 08:15已经完成，已计入0.33学时。",
     "这个视频不用再看了。本研修已结业，学时已被认定。"),
    (900, "one", State.CREDITED, "07-20 08:15已经完成，已计入0.33学时。",
     "这个视频不用再看了。本研修已结业，学时已被认定。"),
    (2700, "two", State.CREDITED, "07-20 08:30已经完成，已计入0.33学时。",
     "这个视频不用再看了。各门课程都达标（结业）以后，学时才会被认定；现在还差“course”0.34学时。"),
    (1000, "two", State.CREDITED,
     "07-20 08:30已经完成，值0.33学时；“course”当时只差0.03学时，所以计入0.03学时。",
     "这个视频不用再看了。本研修已结业，学时已被认定。"),
    (900, "two", State.COURSE_FULL,
     "07-20 08:30已经完成，已学习0.33学时；但“course”要求的0.33学时已经满了，"
     "所以认定学时不再增加。",
     "这个视频不用再看了。本研修已结业，学时已被认定。"),
])
def test_rule_13_what_a_done_video_adds_to_its_course(
    required: int, of: str, expected: State, because: str, now: str
) -> None:
    summer = hours_of(required, "one", "two")
    assert states(BOTH, summer, of=of) == [expected]
    assert said(BOTH, summer, of=of) == (because, now)


def decision(kind: type[AnyAdjustment], number: int = 1, **fields: object) -> AnyAdjustment:
    return kind.model_validate({
        "adjustment_id": f"a{number}", "teacher_id": "t1", "programme_id": "summer", "by": "wang",
        "reason": "核查", "at": moment("2023-08-01 09:00"), **fields})


OPENING = decision(OpeningBalance, course_id="course", seconds=450,
                   as_of=moment("2023-07-25 00:00"))
WITHDRAWN = decision(Withdrawal, course_id="course", seconds=450)
TAKEN_BACK = decision(Reversal, 2, reverses="a1")


@pytest.mark.parametrize(("adjustments", "expected", "counted", "because", "lines"), [
    ([OPENING], State.IN_OPENING, 0,
     "07-20 08:15已经完成，值0.33学时；以前的系统转入的学时里已经包含，不重复计。",
     ["08-01 09:00转入以前系统的0.16学时，截至2023-07-25 00:00（经办：wang；理由：核查）"]),
    ([WITHDRAWN], State.CREDITED, 450,
     "07-20 08:15已经完成，值0.33学时；这门课程的学时经过人工调整，所以只计入0.16学时，见下面。",
     ["08-01 09:00扣减0.16学时（经办：wang；理由：核查）"]),
    ([decision(Withdrawal, course_id="course", seconds=900)], State.TAKEN_AWAY, 0,
     "07-20 08:15已经完成，值0.33学时；但这门课程的学时经过人工调整，见下面。",
     ["08-01 09:00扣减0.33学时（经办：wang；理由：核查）"]),
    ([WITHDRAWN, TAKEN_BACK], State.CREDITED, 900, "07-20 08:15已经完成，已计入0.33学时。",
     ["08-01 09:00扣减0.16学时，后来已撤销（经办：wang；理由：核查）"]),
    ([decision(Grant, course_id="course", seconds=900)], State.COURSE_FULL, 0,
     "07-20 08:15已经完成，已学习0.33学时；但“course”要求的0.33学时已经满了，"
     "所以认定学时不再增加。",
     ["08-01 09:00增加0.33学时（经办：wang；理由：核查）"]),
    # Of another course, of no course, and the same id again: as the crediting agent has it.
    ([decision(Withdrawal, course_id="none", seconds=900),
      decision(Withdrawal, programme_id="none", course_id="course", seconds=900),
      decision(Hold), decision(Withdrawal, course_id="course", seconds=900)],
     State.CREDITED, 900, "07-20 08:15已经完成，已计入0.33学时。",
     ["08-01 09:00暂停本研修的认定（经办：wang；理由：核查）"]),
])
def test_what_people_decided_is_told_with_who_and_why(
    adjustments: list[AnyAdjustment], expected: State, counted: int, because: str,
    lines: list[str],
) -> None:
    one = finding(explained([Watch(0, 900)], hours_of(900, "video"), adjustments=adjustments))
    assert (one.states, one.counted) == ((expected,), counted)
    assert why(one, NOW) == because
    assert list(decided(one, NOW)) == lines


def test_while_a_programme_is_held_nothing_is_recognised() -> None:
    summer = hours_of(900, "video")
    assert said([Watch(0, 900)], summer, adjustments=[decision(Hold)])[1] == (
        "这个视频不用再看了。本研修的认定已由管理人员暂停，恢复以后才会被认定。")
    assert said([Watch(0, 900)], summer, adjustments=[decision(Hold), TAKEN_BACK])[1] == (
        "这个视频不用再看了。本研修已结业，学时已被认定。")


def test_rule_13_an_extension_course_only_learns() -> None:
    assert said(HONEST, SUMMER)[0] == (
        "07-20 08:15已经完成，已学习0.33学时；“course”是拓展课程，不计认定学时。")


def test_rule_4_a_text_is_worth_nothing() -> None:
    summer = of_video(replace(PLAIN, kind="text", credit_seconds=0))
    assert states([Watch(0, 900)], summer) == [State.TEXT_DONE]
    assert said([Watch(0, 900)], summer) == (
        "07-20 08:15已经读完。文本资源只记录学习进度，不计学时。", "不用再做什么。")
    assert said([Watch(0, 300)], summer) == (
        "还有1段没有读，共10分钟：05:00–15:00。", f"请从05:00读到片尾{UNTIL}")


def test_rule_21_done_but_not_enrolled() -> None:
    summer = hours_of(900, "video")
    steps: list[Step] = [Watch(0, 900)]
    assert states(steps, summer, enrolled=[]) == [State.NOT_ENROLLED]
    assert said(steps, summer, enrolled=[]) == (
        "07-20 08:15已经完成，值0.33学时；但没有查到这项研修的报名记录，报名以后才计入。",
        "要参加这项研修，请报名；报名以后会自动计入，不用重看。")
    closed = moment("2023-09-05 00:00")
    one = finding(explained(steps, summer, enrolled=[], now=closed))
    assert todo(one, closed) == (
        "研修已经结束，请联系学校确认报名情况；补上报名以后会自动计入，不用重看。")


def test_rule_21_not_done_and_not_enrolled() -> None:
    assert said([], SUMMER, enrolled=[])[1] == (
        f"请从头看到尾，途中通过12:00处的测验{UNTIL}没有查到这项研修的报名记录，要参加的话请先报名。")


def test_rule_21_done_before_an_enrolment_that_has_to_come_first() -> None:
    summer = hours_of(900, "video", credit_before_enrolment=False)
    late = moment("2023-08-01 00:00")
    assert states([Watch(0, 900)], summer, enrolled_at=late) == [State.BEFORE_ENROLMENT]
    assert said([Watch(0, 900)], summer, enrolled_at=late)[0] == (
        "07-20 08:15已经完成；本研修规定，报名以后完成的才计入，所以这0.33学时不计。")


@pytest.mark.parametrize(("now", "expected"), [
    ("2023-07-01 00:00", f"研修07-14 00:00才开始，开始以后请从头看到尾{UNTIL}"),
    ("2023-08-31 23:59", f"请从头看到尾{UNTIL}"),
    ("2023-09-01 00:00", "研修已经结束，重新打开再看的不计入；结束前打开、断网没有传上来的，"
                         "请在2023-09-02 00:00前联网补传。"),
    ("2023-09-02 00:00", "研修已于2023-09-01 00:00结束，现在再看也不计入了。"),
])
def test_rule_1_what_can_still_be_done_depends_on_the_season(now: str, expected: str) -> None:
    one = finding(explained([], of_video(PLAIN), now=moment(now)))
    assert todo(one, moment(now)) == expected


def test_rule_12_all_of_it_outside_the_window() -> None:
    steps: list[Step] = [At("2023-07-10 08:00"), *HONEST]
    assert states(steps, SUMMER) == [State.OUTSIDE_WINDOW]
    assert said(steps, SUMMER) == (
        "收到的记录都不在研修开放时间（2023-07-14 00:00至2023-09-01 00:00）以内，不计入。",
        f"请从头看到尾，途中通过12:00处的测验{UNTIL}")


def test_rule_12_one_half_before_the_window() -> None:
    steps: list[Step] = [At("2023-07-10 08:00"), Watch(0, 450, on="a"),
                         At("2023-07-20 08:00"), Watch(450, 900, on="b")]
    assert said(steps, of_video(PLAIN)) == (
        "还有1段没有看，共7分30秒：00:00–07:30。这些部分是在研修开放时间以外看的，不算。",
        f"请看00:00–07:30{UNTIL}")


def test_rule_12_a_quiz_passed_before_the_window() -> None:
    steps: list[Step] = [At("2023-07-10 08:00"), Answer(on="a"),
                         At("2023-07-20 08:00"), Watch(0, 900, on="b")]
    assert said(steps, SUMMER)[0] == "12:00处的测验还没有做，研修开放时间以外做的不算。"
    assert explained(steps, SUMMER).seen.attempts[0].inside == ()


def two_programmes() -> tuple[Programme, Programme]:
    shared = course(PLAIN, required=900)
    return (programme(shared, id="earlier", window=EARLIER_WINDOW),
            programme(replace(shared, shared_with="earlier"), through=("earlier",)))


def test_rule_5_what_was_done_in_the_earlier_programme_counts_by_itself() -> None:
    steps: list[Step] = [At("2023-06-20 08:00"), Watch(0, 900)]
    one = explained(steps, *two_programmes(), enrolled=["earlier"])
    here, earlier = finding(one), finding(one, "earlier")
    assert (here.states, here.carried_from, here.counted) == ((State.CREDITED,), "earlier", 900)
    assert (earlier.states, earlier.carried_from) == ((State.CREDITED,), None)
    assert why(here, NOW) == "06-20 08:15在之前的研修中已经完成，自动带入本研修，已计入0.33学时。"


def test_decisions_are_those_of_the_programme() -> None:
    withdrawn = decision(Withdrawal, programme_id="earlier", course_id="course", seconds=450)
    one = explained([Watch(0, 900)], *two_programmes(), adjustments=[withdrawn])
    assert finding(one).decisions == ()
    assert finding(one, "earlier").counted == 450
    assert [d.decision for d in finding(one, "earlier").decisions] == [withdrawn]


def test_rule_5_watched_in_part_before_it_is_open_here_and_there() -> None:
    steps: list[Step] = [At("2023-06-20 08:00"), Watch(0, 300)]
    one = explained(steps, *two_programmes())
    assert finding(one).states == (State.OUTSIDE_WINDOW,)
    assert finding(one, "earlier").gaps == [300_000, 900_000]


def refusal_of(steps: Sequence[Step], *programmes: Programme) -> tuple[object, ...]:
    (one,) = explained(steps, *programmes).seen.refusals
    return one.reason, one.cause, {play.session_id for play in one.taken}


OTHER = of_video(PLAIN)
WITH_OTHER = programme(course(PLAIN, video(id="other", seconds=900)))
LONG = of_video(video(seconds=3 * HOUR))


@pytest.mark.parametrize(("steps", "programme_", "cause", "taken"), [
    # Two tabs of the same video at the same time.
    ([Open("a"), Open("b"), Wait(450), Claim(0, 450, on="a"), Claim(450, 900, on="b")],
     OTHER, Cause.OTHER_PLAYS, {"a/video"}),
    # Another video at the same time.
    ([Open("a"), Open("tv", of="other"), Wait(450), Claim(0, 450, on="tv", of="other"),
      Claim(0, 450, on="a")],
     WITH_OTHER, Cause.OTHER_PLAYS, {"tv/other"}),
    # A script that posts the whole film.
    ([Open("a"), Wait(5), Claim(0, 900, on="a")], OTHER, Cause.FASTER_THAN_TIME, set()),
    ([Open("a"), Wait(5), Claim(0, 15, on="a"), Claim(15, 900, on="a")],
     OTHER, Cause.FASTER_THAN_TIME, {"a/video"}),
    # Three hours offline: two are taken.
    ([Watch(0, 3600, offline=True), Watch(3600, 7200, offline=True),
      Watch(7200, 10800, offline=True), Online("pc")],
     LONG, Cause.OFFLINE_TOO_LONG, {"pc/video"}),
])
def test_rule_16_no_time_left_says_who_had_it(
    steps: list[Step], programme_: Programme, cause: Cause, taken: set[str]
) -> None:
    assert refusal_of(steps, programme_) == (Reason.NO_TIME_LEFT, cause, taken)


def test_rule_16_how_much_time_there_was_and_who_had_it() -> None:
    steps: list[Step] = [Open("a"), Open("b"), Wait(450), Claim(0, 450, on="a"),
                         Claim(450, 600, on="b"), Claim(600, 900, on="b")]
    (one,) = explained(steps, OTHER).seen.refusals
    assert (one.count, one.claimed, one.needed_ms) == (2, [450_000, 900_000], 450_000)
    (spent,) = one.taken.values()
    assert spent[1] - spent[0] == 450_000
    assert one.elapsed_ms == 450_000


def test_a_gap_that_was_claimed_and_refused_says_so() -> None:
    steps: list[Step] = [Watch(0, 450), Claim(450, 900)]
    assert said(steps, OTHER)[0] == (
        "还有1段没有看，共7分30秒：07:30–15:00。这些部分上报过，但没有采纳，原因见下面。")


@pytest.mark.parametrize(("step", "reason"), [
    (Claim(900, 990), Reason.BAD_STRETCH),
    (Answer(quiz="none"), Reason.UNKNOWN_QUIZ),
])
def test_rule_19_everything_refused(step: Step, reason: Reason) -> None:
    one = explained([step, Again()], SUMMER)
    assert [(r.reason, r.count) for r in one.seen.refusals] == [(reason, 1)]
    assert finding(one).states == (State.ALL_REFUSED,)
    assert [s.repeated for s in one.seen.sessions] == [1]


def test_an_event_that_is_a_day_behind_is_too_old() -> None:
    steps: list[Step] = [Watch(0, 15), At("2023-07-18 00:00"), Watch(15, 30, on="b")]
    assert refusal_of(steps, OTHER) == (Reason.TOO_OLD, None, set())
