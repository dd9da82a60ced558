"""Why a resource is not done yet, in plain Chinese, from the numbers (rules 4, 8, 9, 10, 12)."""

from collections.abc import Iterator

from learner.said import Resource
from learner.wording import length, moment, pairs, place, stretches
from pipeline.rules.intervals import total
from pipeline.rules.programme import Listing, Quiz

EXTENSION = "这是拓展资源，不计学时。"
SETTLED = "条件都已满足，系统正在确认，请过一会儿刷新本页。"


def reasons(one: Resource, known: Listing | None) -> list[str]:
    """What is still to be done, sentence by sentence, in the order of doing it; [] if it is done.

    `known`: the resource in its programme; None while this server does not have the programme,
    and so neither its tolerances nor the places of its quizzes.
    """
    if one.state == "done":
        return []
    return [*_unwatched(one, known), *_quizzes(one, known), *_tails(one, known)] or [SETTLED]


def notes(one: Resource) -> list[str]:
    """What holds whether the resource is done or not."""
    return [] if one.credit_seconds else [EXTENSION]


def _unwatched(one: Resource, known: Listing | None) -> Iterator[str]:
    verb = "看" if one.kind == "video" else "读"
    tolerance = known.programme.gap_tolerance_ms if known else 0
    left = total(one.missing_ms)
    if not one.covered_ms:
        yield _not_begun(one, known, verb)
    elif left > tolerance:
        count = len(pairs(one.missing_ms))
        yield (f"还有 {count} 处共 {length(left)}没有{verb}："
               f"{stretches(one.missing_ms)}。")


def _not_begun(one: Resource, known: Listing | None, verb: str) -> str:
    """Time that was spent and covers nothing was spent outside of the window (rule 12)."""
    whole = f"，全长 {length(known.resource.duration_ms)}" if known else ""
    if one.watch_time_ms < 1000:
        return f"还没有{verb}{whole}。"
    when = _window(known) if known else "本研修的学习时间"
    return f"已{verb} {length(one.watch_time_ms)}，但不在{when}内，只记观看时长，不算进度。"


def _window(known: Listing) -> str:
    window = known.programme.window
    return f"学习时间（{moment(window.opens_at)}至{moment(window.closes_at)}）"


def _quizzes(one: Resource, known: Listing | None) -> Iterator[str]:
    for id_ in one.quizzes_open:
        quiz = _quiz(known, id_)
        where = f"{place(quiz.at_ms)} 处的" if quiz else ""
        yield f"{where}测试题{_not_passed(known)}{_after(quiz, known)}。"


def _not_passed(known: Listing | None) -> str:
    """Rule 10, both readings, and how often it may be tried."""
    if known is None:
        return "未通过"
    programme = known.programme
    tries = f"（24 小时内最多交卷 {programme.quiz_attempts} 次）" if programme.quiz_attempts else ""
    return f"{'未通过' if programme.quiz_rule == 'passed' else '未交卷'}{tries}"


def _after(quiz: Quiz | None, known: Listing | None) -> str:
    """Rule 8 (c): what comes behind counts only once the quiz is passed."""
    if quiz is None or known is None:
        return ""
    behind = known.resource.duration_ms - quiz.at_ms
    if behind <= known.programme.tail_tolerance_ms:
        return ""
    return f"；通过之后，还要看它后面的 {length(behind)}"


def _tails(one: Resource, known: Listing | None) -> Iterator[str]:
    tolerance = known.programme.tail_tolerance_ms if known else 0
    for id_, left in one.tail_missing_ms.items():
        if left > tolerance:
            quiz = _quiz(known, id_)
            where = f"{place(quiz.at_ms)} 处的" if quiz else ""
            yield f"{where}测试题通过之后的部分要再看 {length(left)}（通过之前看的不算）。"


def _quiz(known: Listing | None, id_: str) -> Quiz | None:
    found = known.resource.quizzes if known else ()
    return next((quiz for quiz in found if quiz.id == id_), None)
