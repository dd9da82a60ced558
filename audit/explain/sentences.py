"""For each programme: why it is so, and what the teacher has to do now."""

from collections.abc import Iterator, Sequence

from audit.explain.findings import Finding
from audit.explain.sentences_done import todo_done, why_done
from audit.explain.states import Season, State
from audit.explain.steps import quiz_place, steps
from audit.explain.stretches import without
from audit.explain.todo import QuizStanding
from audit.explain.words import (
    from_moment_on,
    full_moment,
    joined_up,
    length,
    moment,
    stretches,
)
from pipeline.rules.intervals import total

HEADINGS = {
    State.CREDITED: "✔ 已完成，已计学时",
    State.COURSE_FULL: "✔ 已完成，课程学时已满",
    State.EXTENSION: "✔ 已完成，拓展课程不计认定学时",
    State.NOT_ENROLLED: "✔ 已完成，未报名，暂不计学时",
    State.IN_OPENING: "✔ 已完成，已包含在转入的学时里",
    State.TAKEN_AWAY: "✔ 已完成，经人工调整没有计入",
    State.BEFORE_ENROLMENT: "✔ 已完成，但在报名之前，不计学时",
    State.TEXT_DONE: "✔ 已读完，文本不计学时",
    State.NOTHING_RECEIVED: "○ 没有收到播放记录",
    State.ALL_REFUSED: "○ 收到的记录都没有采纳",
    State.OUTSIDE_WINDOW: "○ 不在研修开放时间内",
}
UNFINISHED = "◐ 还没有完成，暂不计学时"
UNFINISHED_TEXT = "◐ 还没有读完（文本不计学时）"
NOT_ENROLLED = "没有查到这项研修的报名记录，要参加的话请先报名。"


def heading(finding: Finding) -> str:
    """Shape and words of the state (rules 25, 26)."""
    unfinished = UNFINISHED_TEXT if finding.is_text else UNFINISHED
    return HEADINGS.get(finding.states[0], unfinished)


def why(finding: Finding, now: int) -> str:
    """Why the teacher has, or has not, credit here."""
    if finding.is_done:
        return why_done(finding, now)
    return "".join(_obstacles(finding, now))


def todo(finding: Finding, now: int) -> str:
    """What the teacher has to do now, and what else is good to know."""
    if finding.is_done:
        return todo_done(finding)
    window = finding.listing.programme.window
    match finding.season:
        case Season.CLOSED:
            return f"研修已于{full_moment(window.closes_at)}结束，现在再看也不计入了。"
        case Season.LATE:
            late = full_moment(window.closes_at + window.late_arrival_ms)
            return ("研修已经结束，重新打开再看的不计入；结束前打开、断网没有传上来的，"
                    f"请在{late}前联网补传。")
    enrol = NOT_ENROLLED if finding.standing.enrolled_at is None else ""
    begin = f"研修{moment(window.opens_at, now)}才开始，开始以后" \
        if finding.season is Season.NOT_YET else ""
    wait = "".join(_waiting(finding, now))
    return f"{begin}请{_steps(finding)}，研修{moment(window.closes_at, now)}截止。{wait}{enrol}"


def _obstacles(finding: Finding, now: int) -> Iterator[str]:
    match finding.states[0]:
        case State.NOTHING_RECEIVED:
            yield "系统没有收到过这位教师打开这个资源的记录。"
        case State.ALL_REFUSED:
            yield "系统收到了记录，但都没有采纳，原因见“没有采纳的记录”。"
        case State.OUTSIDE_WINDOW:
            window = finding.listing.programme.window
            yield (f"收到的记录都不在研修开放时间（{full_moment(window.opens_at)}至"
                   f"{full_moment(window.closes_at)}）以内，不计入。")
        case _:
            yield from _gaps(finding)
            for quiz in finding.quizzes:
                yield from _quiz(finding, quiz, now)


def _gaps(finding: Finding) -> Iterator[str]:
    verb, gaps = "读" if finding.is_text else "看", finding.gaps
    if not gaps:
        return
    if total(gaps) == finding.listing.resource.duration_ms:
        yield f"还没有{verb}过的部分可以计入。"
    else:
        count = len(joined_up(gaps)) // 2
        yield f"还有{count}段没有{verb}，共{length(total(gaps))}：{stretches(gaps)}。"
    if finding.watched_outside:
        yield f"{_of_gaps(finding, finding.watched_outside)}是在研修开放时间以外{verb}的，不算。"
    if finding.refused_gaps:
        yield f"{_of_gaps(finding, finding.refused_gaps)}上报过，但没有采纳，原因见下面。"
    elif gaps[1] < finding.listing.resource.duration_ms and not finding.watched_outside:
        yield "拖动进度条跳过的部分不算看过。"


def _of_gaps(finding: Finding, part: Sequence[int]) -> str:
    """Not all the same figures over again where all gaps are meant."""
    words = stretches(part)
    return "这些部分" if words == stretches(finding.gaps) else f"其中{words}"


def _quiz(finding: Finding, quiz: QuizStanding, now: int) -> Iterator[str]:
    place = quiz_place(quiz, finding.listing.resource.duration_ms)
    if not quiz.passed and quiz.last is not None:
        required = f"至少要答对{quiz.required}题" if quiz.required else "每题都要作答"
        yield (f"{place}的测验还没有通过：最近一次（{moment(quiz.last.received_at, now)}）"
               f"{quiz.last.of}题答对{quiz.last.right}题，{required}。")
        if quiz.limited is not None and finding.season is Season.OPEN:
            yield f"24小时以内最多批改{quiz.limited.limit}次，已用{quiz.limited.used}次。"
    elif not quiz.passed:
        outside = "，研修开放时间以外做的不算" if quiz.outside else ""
        yield f"{place}的测验还没有做{outside}。"
    elif quiz.lacks_tail(finding.listing.programme) and (
        again := without(quiz.tail_missing, finding.gaps)
    ):
        yield f"{place}的测验通过以后，{stretches(again)}没有再看；通过之前看的不算。"


def _waiting(finding: Finding, now: int) -> Iterator[str]:
    """The quizzes that have no attempt left now (rule 10 ⚙)."""
    for quiz in finding.quizzes:
        if quiz.limited is not None and quiz.limited.next_at > now:
            place = quiz_place(quiz, finding.listing.resource.duration_ms)
            yield f"{place}的测验{from_moment_on(quiz.limited.next_at, now)}再交才算。"


def _steps(finding: Finding) -> str:
    words = steps(finding.todo, finding.listing.resource.duration_ms, again=not finding.gaps)
    return words.replace("看", "读") if finding.is_text else words
