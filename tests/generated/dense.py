"""Logs about one short video, drawn entry by entry from very few values: not what anybody lives
through, but every corner of rules 8 to 19 within a few entries.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import strategies as st

from audit.reference.log import Answered, Entry, Played
from pipeline.rules.programme import Catalogue, Clock, Course, Programme, Quiz, Resource, Window
from tests.generated.catalogues import SECOND, T0, limits

KEY: Mapping[str, str | tuple[str, ...]] = {"1": "A", "2": ("A", "B")}
ANSWERS: tuple[dict[str, str | list[str]], ...] = (
    {"1": "A", "2": ["B", "A"]}, {"1": ["A"], "2": ["A", "B", "C"]}, {"1": "A"}, {},
)
LENGTH = 4 * SECOND
ALWAYS = Window(0, 10 * T0, 0)
LATELY = Window(T0 + 4 * SECOND, T0 + 20 * SECOND, 10 * SECOND)

clocks = st.sampled_from([
    Clock(max_rate=200, offline_grace_ms=100 * SECOND, slack_ms=100 * SECOND),  # time enough
    Clock(max_rate=150, offline_grace_ms=6 * SECOND, slack_ms=SECOND),
])
places = st.lists(st.sampled_from([0, 1000, 2000, 2500, LENGTH]), max_size=2).map(sorted)


@st.composite
def dense_catalogues(draw: st.DrawFn) -> Catalogue:
    """The video in a programme that is always open, and in one with a window and other rules."""
    quizzes = tuple(Quiz(f"q{n}", at, KEY) for n, at in enumerate(draw(places)))
    video = Resource("video", "video", "video", LENGTH, 4, quizzes)
    wide = Programme(
        "wide", "wide", ALWAYS, (Course("c", "c", 4, None, (video,)),), draw(clocks), 2700, True,
        (), draw(st.sampled_from([0, 600])), draw(st.sampled_from([0, 600])), "passed", 1.0, False,
        draw(limits))
    narrow = replace(
        wide, id="narrow", name="narrow", window=LATELY, gap_tolerance_ms=1200,
        quiz_rule=draw(st.sampled_from(["passed", "completed"])), pass_mark=0.5,
        quiz_attempts=draw(limits))
    return Catalogue.of([wide, narrow])


moments = st.integers(0, 16).map(lambda half: T0 + half * 2 * SECOND)
bounds = st.sampled_from([0, 500, 1000, 1000, 2000, 2500, 3000, LENGTH, LENGTH, LENGTH + 700])
common = {"session_id": st.sampled_from("ab"), "seq": st.integers(1, 12), "received_at": moments,
          "opened_at": st.sampled_from([T0, T0 + 6 * SECOND])}
played = st.builds(
    Played, resource_id=st.just("video"), start=bounds, end=bounds,
    rate=st.sampled_from([100, 130, 200]), **common)
whole = st.builds(
    Played, resource_id=st.just("video"), start=st.sampled_from([0, 1000, 2000]),
    end=st.just(LENGTH), rate=st.just(200), **common)
answered = st.builds(
    Answered, resource_id=st.just("video"), quiz_id=st.sampled_from(["q0", "q0", "q1"]),
    answers=st.sampled_from((*ANSWERS, ANSWERS[0], ANSWERS[0])), **common)
dense_logs: st.SearchStrategy[list[Entry]] = st.lists(
    st.one_of(played, whole, answered, answered), min_size=4, max_size=14)


disordered = common | {"session_id": st.sampled_from("abc"), "seq": st.integers(1, 5),
                       "opened_at": st.just(T0)}
tails: st.SearchStrategy[list[Entry]] = st.lists(st.one_of(
    st.builds(Played, resource_id=st.just("video"), start=st.sampled_from([0, 1000]),
              end=st.just(LENGTH), rate=st.just(200), **disordered),
    st.builds(Answered, resource_id=st.just("video"), quiz_id=st.just("q0"),
              answers=st.just(ANSWERS[0]), **disordered)), min_size=3, max_size=9)
"""Views and passes of one quiz, in sessions that do not send in the order of their numbers."""
TIME_ENOUGH = Catalogue.of([Programme(
    "wide", "wide", ALWAYS, (Course("c", "c", 4, None, (Resource(
        "video", "video", "video", LENGTH, 4, (Quiz("q0", 1000, KEY),)),)),),
    Clock(max_rate=200, offline_grace_ms=100 * SECOND, slack_ms=100 * SECOND), 2700, True,
    (), 0, 0, "passed", 1.0, False)])


def numbered(log: list[Entry]) -> list[Entry]:
    """The log with no holes in its sessions' numbers."""
    counts: Counter[str] = Counter()
    made: list[Entry] = []
    for entry in log:
        counts[entry.session_id] += 1
        made.append(replace(entry, seq=counts[entry.session_id]))
    return made
