"""One programme file's tables, read one after the other into the dataclasses of `programme`.

Where a key has a default, it is the one that the rules name.
"""

from typing import Literal

from pipeline.rules.programme import Clock, Course, Programme, Quiz, Resource, Window
from pipeline.rules.quiz_wording import read_wording
from pipeline.rules.toml_table import MAX_EPOCH_MS, Table

DAY_SECONDS = 24 * 3600
MAX_SECONDS = 24 * 3600  # as on the wire: no position lies beyond 24 h,
MAX_ANSWER = 200         # no answer is longer, in characters,
MAX_NAME = 64            # no question's name either,
MAX_QUESTIONS = 100      # and no more are answered at once
MAX_ATTEMPTS = 100       # more in a day than this is no limit, and their moments are kept

Kind = Literal["video", "text"]
QuizRule = Literal["passed", "completed"]


def read_programme(table: Table) -> Programme:
    """The programme in a file's top table, faults noted; its shared courses are still empty."""
    seconds_per_hour = table.whole("seconds_per_hour", 1, DAY_SECONDS, default=2700)
    programme = Programme(
        id=table.identifier("id"),
        name=table.text("name"),
        window=_window(table.table("window")),
        courses=_courses(table, seconds_per_hour),
        clock=_clock(table.table("clock")),
        seconds_per_hour=seconds_per_hour,
        credit_before_enrolment=table.flag("credit_before_enrolment", default=True),
        enrolled_through=table.texts("enrolled_through", default=[]),
        gap_tolerance_ms=table.whole("gap_tolerance_ms", 0, 60_000, default=2000),
        tail_tolerance_ms=table.whole("tail_tolerance_ms", 0, 60_000, default=500),
        quiz_rule=_quiz_rule(table),
        pass_mark=table.number(
            "pass_mark", lambda n: 0 < n <= 1, "a number above 0 and up to 1", default=0.6),
        ranking=table.flag("ranking", default=False),
        quiz_attempts=_quiz_attempts(table),
    )
    table.reject_unknown()
    return programme


def _quiz_attempts(table: Table) -> int | None:
    key = "quiz_attempts"
    return table.whole(key, 1, MAX_ATTEMPTS) if table.has(key) else None


def _quiz_rule(table: Table) -> QuizRule:
    options: tuple[QuizRule, QuizRule] = ("passed", "completed")
    return table.one_of("quiz", options, default="passed", stand_in="passed")


def _window(table: Table) -> Window:
    opens_at = table.instant("opens_at", stand_in=0)
    closes_at = table.instant("closes_at", stand_in=MAX_EPOCH_MS)
    if closes_at <= opens_at:
        table.fault("closes_at", "must be after opens_at")
    late = table.whole("late_arrival_seconds", 0, 366 * DAY_SECONDS, default=DAY_SECONDS)
    table.reject_unknown()
    return Window(opens_at, closes_at, late_arrival_ms=late * 1000)


def _clock(table: Table) -> Clock:
    rate = table.number("max_rate", lambda n: 1 <= n <= 100, "a number from 1 to 100", 2.0)
    if abs(rate * 100 - round(rate * 100)) > 1e-6:
        table.fault("max_rate", f"must have two decimals at most, not {rate}")
    grace = table.whole("offline_grace_seconds", 0, DAY_SECONDS, default=7200)
    slack = table.whole("slack_seconds", 0, 3600, default=10)
    table.reject_unknown()
    return Clock(round(rate * 100), offline_grace_ms=grace * 1000, slack_ms=slack * 1000)


def _courses(table: Table, seconds_per_hour: int) -> tuple[Course, ...]:
    courses: dict[str, str] = {}
    resources: dict[str, str] = {}  # an id stands for one resource throughout the file
    return tuple(_course(inner, seconds_per_hour, courses, resources)
                 for inner in table.tables("courses"))


def _course(
    table: Table, seconds_per_hour: int, seen: dict[str, str], resources: dict[str, str]
) -> Course:
    shared_with = table.identifier("shared_with") if table.has("shared_with") else None
    course = Course(
        id=table.new_id(seen),
        name="" if shared_with is not None else table.text("name"),
        required_seconds=table.whole("hours", 0, 1000) * seconds_per_hour,
        shared_with=shared_with,
        resources=() if shared_with is not None else _resources(table, resources),
    )
    if shared_with is not None:
        table.forbid(("name", "resources"), f"comes from the course in {shared_with!r}")
    table.reject_unknown()
    return course


def _resources(table: Table, seen: dict[str, str]) -> tuple[Resource, ...]:
    return tuple(_resource(inner, seen) for inner in table.tables("resources"))


def _resource(table: Table, seen: dict[str, str]) -> Resource:
    options: tuple[Kind, Kind] = ("video", "text")
    kind = table.one_of("kind", options, default=None, stand_in="video")
    resource = (_video if kind == "video" else _text)(table, table.new_id(seen))
    table.reject_unknown()
    return resource


def _text(table: Table, id_: str) -> Resource:
    """A text is followed like a video, over the time a careful reader takes (rule 4)."""
    table.forbid(("credit_seconds", "quizzes"),
                 "not for a text: it is tracked and credits nothing")
    duration = table.whole("duration_seconds", 1, MAX_SECONDS, stand_in=MAX_SECONDS)
    return Resource(id_, "text", table.text("title"), duration * 1000, 0, ())


def _video(table: Table, id_: str) -> Resource:
    duration = table.whole("duration_seconds", 1, MAX_SECONDS, stand_in=MAX_SECONDS)
    seen: dict[str, str] = {}
    return Resource(
        id=id_,
        kind="video",
        title=table.text("title"),
        duration_ms=duration * 1000,
        credit_seconds=table.whole("credit_seconds", 0, MAX_SECONDS, default=duration),
        quizzes=tuple(
            _quiz(inner, duration, seen) for inner in table.tables("quizzes", optional=True)),
    )


def _quiz(table: Table, duration: int, seen: dict[str, str]) -> Quiz:
    at = table.whole("at_seconds", 0, MAX_SECONDS)
    if at > duration:
        table.fault("at_seconds", f"must not lie beyond the video's end at {duration}, not {at}")
    key = _answer_key(table)
    wording = read_wording(table, key) if table.has("wording") else {}
    quiz = Quiz(table.new_id(seen), at * 1000, key, wording)
    table.reject_unknown()
    return quiz


def _answer_key(table: Table) -> dict[str, str | tuple[str, ...]]:
    """The right choice, or all the right choices, by the question's name (rule 10)."""
    key = table.table("key")
    questions = key.names()
    if not 1 <= len(questions) <= MAX_QUESTIONS:
        key.fault_here(f"must have 1 to {MAX_QUESTIONS} questions, not {len(questions)}")
    if any(len(question) > MAX_NAME for question in questions):
        key.fault_here(f"must not have a question's name longer than {MAX_NAME} characters")
    return {question: key.text_or_texts(question, MAX_ANSWER) for question in questions}
