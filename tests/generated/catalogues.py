"""Small catalogues: one or two programmes with overlapping windows."""

from dataclasses import replace

from hypothesis import strategies as st

from pipeline.rules.programme import Catalogue, Clock, Course, Programme, Quiz, Resource, Window

CELL_MS = 500
SECOND = 1000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
T0 = 30 * DAY
"""When the earlier window opens."""

KEYS: tuple[dict[str, str | tuple[str, ...]], ...] = (
    {"1": "A"},
    {"1": "A", "2": ("B", "C")},
    {"1": "A", "2": "B", "3": ("A", "C")},
)


OFF = (0, 0, 0, 0, 0, 0, 0, 1, -1, 137)


def about(low: int, high: int) -> st.SearchStrategy[int]:
    """Milliseconds, from `low` to `high` cells: mostly a whole number of cells, so that bounds
    often meet; now and then a little beside it.
    """
    def at(number: int) -> int:
        cells, off = divmod(number, len(OFF))
        return max(low * CELL_MS, min((low + cells) * CELL_MS + OFF[off], high * CELL_MS))

    return st.integers(0, (high - low + 1) * len(OFF) - 1).map(at)


@st.composite
def resources(draw: st.DrawFn, id_: str) -> Resource:
    duration = draw(about(2, 16))
    places = draw(st.lists(about(0, duration // CELL_MS), max_size=2))
    at_end = draw(st.booleans())  # the notice puts the quiz at the end; nothing else would draw it
    if places and at_end:
        places[-1] = duration
    return Resource(
        id=id_, kind="video", title=id_, duration_ms=duration,
        credit_seconds=draw(st.sampled_from([duration // SECOND, 1, 45])),
        quizzes=tuple(Quiz(f"q{i}", at, draw(st.sampled_from(KEYS)))
                      for i, at in enumerate(sorted(places), 1)),
    )


def course(id_: str, *some: Resource, shared_with: str | None = None) -> st.SearchStrategy[Course]:
    """A course that requires nothing, a part of what it offers, or all of it."""
    offered = sum(resource.credit_seconds for resource in some)
    return st.sampled_from([0, max(1, offered // 2), offered]).map(
        lambda required: Course(id_, id_, required, shared_with, some))


limits = st.sampled_from([None, None, 1, 2, 3])
"""Of attempts at a quiz within 24 hours."""

clocks = st.builds(
    Clock, max_rate=st.sampled_from([100, 150, 200]), offline_grace_ms=about(10, 120),
    slack_ms=about(0, 6),
)


@st.composite
def programmes(
    draw: st.DrawFn, id_: str, courses: tuple[Course, ...], clock: Clock, opens_at: int
) -> Programme:
    length = draw(st.sampled_from([30 * SECOND, 5 * 60 * SECOND, 3 * DAY]))
    late = draw(st.sampled_from([0, 20 * SECOND, DAY]))
    return Programme(
        id=id_, name=id_, window=Window(opens_at, opens_at + length, late), courses=courses,
        clock=clock, seconds_per_hour=2700, credit_before_enrolment=draw(st.booleans()),
        enrolled_through=(), gap_tolerance_ms=draw(about(0, 4)),
        tail_tolerance_ms=draw(about(0, 2)),
        quiz_rule=draw(st.sampled_from(["passed", "completed"])),
        pass_mark=draw(st.sampled_from([0.5, 0.6, 0.67, 1.0])), ranking=False,
        quiz_attempts=draw(limits),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """"early" has two courses; "late", if there, shares the first of them and has one more."""
    clock = draw(clocks)
    shared = (draw(resources("shared-1")), draw(resources("shared-2")))
    own = draw(resources("early-1"))
    early = draw(programmes(
        "early", (draw(course("ideals", *shared)), draw(course("early", own))), clock, T0))
    if draw(st.booleans()):
        return Catalogue.of([early])
    late = draw(programmes(
        "late",
        (draw(course("ideals", *shared, shared_with="early")),
         draw(course("late", draw(resources("late-1"))))),
        clock, T0 + draw(about(0, 60))))
    through: tuple[str, ...] = draw(st.sampled_from([(), ("early",)]))
    return Catalogue.of([early, replace(late, enrolled_through=through)])
