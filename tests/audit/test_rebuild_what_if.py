"""What would change if the rules were read differently: one programme, worked out by hand.

Two videos of 60 seconds, each worth its duration; the first has a quiz at its end. Required are
two hours of 60 seconds, which is all of it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.reference.log import Answered, Entry, Played
from pipeline.schemas.adjustments import Grant
from pipeline.schemas.base import Record
from pipeline.schemas.enrolments import Enrolment
from pipeline.settings import Settings
from tests.audit.rebuilding import own_topics, rebuilt, send_events, send_records
from tests.spec.story import moment

pytestmark = pytest.mark.kafka

QUIZ = '{ id = "q", at_seconds = 60, key = { "1" = "A" } }'
PROGRAMME = """
id = "p"
name = "p"
seconds_per_hour = 60
[window]
opens_at = 2023-07-14T00:00:00+08:00
closes_at = 2023-09-01T00:00:00+08:00
[[courses]]
id = "c"
name = "c"
hours = 2
resources = [
  { id = "v1", kind = "video", title = "a", duration_seconds = 60, quizzes = [QUIZ] },
  { id = "v2", kind = "video", title = "b", duration_seconds = 60 },
]
""".replace("QUIZ", QUIZ)
BEGIN = moment("2023-07-20 08:00")
EVENTS: list[tuple[str, Entry]] = [
    # ann passes, and skips a second of the second video.
    ("ann", Played("v1", "a1", BEGIN, 1, BEGIN + 60_000, 0, 60_000, 100)),
    ("ann", Answered("v1", "a1", BEGIN, 2, BEGIN + 60_000, "q", {"1": "A"})),
    ("ann", Played("v2", "a2", BEGIN, 1, BEGIN + 120_000, 0, 59_000, 100)),
    # bob's answers are wrong.
    ("bob", Played("v1", "b1", BEGIN, 1, BEGIN + 60_000, 0, 60_000, 100)),
    ("bob", Answered("v1", "b1", BEGIN, 2, BEGIN + 60_000, "q", {"1": "B"})),
    ("bob", Played("v2", "b2", BEGIN, 1, BEGIN + 120_000, 0, 60_000, 100)),
    # cui hands nothing in.
    ("cui", Played("v1", "c1", BEGIN, 1, BEGIN + 60_000, 0, 60_000, 100)),
    # dan plays at double speed, half a minute each.
    ("dan", Played("v1", "d1", BEGIN, 1, BEGIN + 30_000, 0, 60_000, 200)),
    ("dan", Answered("v1", "d1", BEGIN, 2, BEGIN + 30_000, "q", {"1": "A"})),
]
DECISIONS: list[Record] = [Grant(
    adjustment_id="g", teacher_id="dan", programme_id="p", by="office", reason="was ill",
    at=BEGIN, course_id="c", seconds=60)]


@pytest.fixture(scope="module")
def settings(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("what-if")
    (folder / "programmes").mkdir()
    (folder / "programmes" / "p.toml").write_text(PROGRAMME, encoding="utf-8")
    with own_topics(kafka, folder, partitions=1) as made:
        send_records(made, "enrolments", [Enrolment(teacher_id=t, programme_id="p", at=BEGIN)
                                          for t in ("ann", "bob", "cui", "dan", "eva")])
        send_records(made, "adjustments", DECISIONS)
        send_events(made, [*EVENTS, *EVENTS])
        yield made.model_copy(update={"programmes_dir": folder / "programmes"})


@pytest.mark.parametrize(("replaced", "lines", "total"), [
    # Now: ann 120, bob 60, cui 0, dan 60 and 60 granted. Handed in is enough:
    ({"seconds_per_hour = 60": 'seconds_per_hour = 60\nquiz = "completed"'},
     ["bob p: credited 60 → 120 s, learned 60 → 120 s, recognised 0 → 120 s, credited in"
      " c 60 → 120 s, completed"],
     "p: 1 teachers would gain 60 s of credit, 0 would lose 0 s; 1 more would complete it,"
     " 0 no longer"),
    # No gap is forgiven:
    ({"seconds_per_hour = 60": "seconds_per_hour = 60\ngap_tolerance_ms = 0"},
     ["ann p: credited 120 → 60 s, learned 120 → 60 s, recognised 120 → 0 s, credited in"
      " c 120 → 60 s, no longer completed"],
     "p: 0 teachers would gain 0 s of credit, 1 would lose 60 s; 0 more would complete it,"
     " 1 no longer"),
    # Nobody plays faster than life, and there are no 10 seconds for buffers:
    ({"[[courses]]": "[clock]\nmax_rate = 1.0\nslack_seconds = 0\n[[courses]]"},
     ["dan p: credited 120 → 60 s, learned 120 → 60 s, recognised 120 → 0 s, credited in"
      " c 120 → 60 s, no longer completed"],
     "p: 0 teachers would gain 0 s of credit, 1 would lose 60 s; 0 more would complete it,"
     " 1 no longer"),
    # One hour is required instead of two:
    ({"hours = 2": "hours = 1"},
     ["ann p: credited 120 → 60 s, recognised 120 → 60 s, credited in c 120 → 60 s",
      "bob p: recognised 0 → 60 s, completed",
      "dan p: credited 120 → 60 s, recognised 120 → 60 s, credited in c 120 → 60 s"],
     "p: 0 teachers would gain 0 s of credit, 2 would lose 120 s; 1 more would complete it,"
     " 0 no longer"),
    # The quiz of the first video is gone:
    ({f", quizzes = [{QUIZ}]": ""},
     ["bob p: credited 60 → 120 s, learned 60 → 120 s, recognised 0 → 120 s, credited in"
      " c 60 → 120 s, completed",
      "cui p: credited 0 → 60 s, learned 0 → 60 s, credited in c 0 → 60 s"],
     "p: 2 teachers would gain 120 s of credit, 0 would lose 0 s; 1 more would complete it,"
     " 0 no longer"),
    ({}, [], "p: 0 teachers would gain 0 s of credit, 0 would lose 0 s; 0 more would complete it,"
     " 0 no longer"),
])
def test_rules_7_14_who_would_gain_and_who_would_lose(
    settings: Settings, tmp_path: Path, replaced: dict[str, str], lines: list[str], total: str
) -> None:
    said = rebuilt(settings, "--programme", other(tmp_path, replaced))
    *changes, of_programme, last = said.lines
    assert sorted(changes) == lines
    assert of_programme == total
    assert last.endswith(f"5 teachers, {len(lines)} would see a change")
    assert last.startswith(f"{2 * len(EVENTS)} events read in ")
    assert (said.code, said.notes) == (0, [])


def other(folder: Path, replaced: dict[str, str]) -> Path:
    text = PROGRAMME
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    file = folder / "other.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_same_for_machines(settings: Settings, tmp_path: Path) -> None:
    file = other(tmp_path, {"seconds_per_hour = 60": 'seconds_per_hour = 60\nquiz = "completed"'})
    change, summary = rebuilt(settings, "--json", "--programme", file).json
    assert change == {
        "kind": "change", "teacher_id": "bob", "programme_id": "p", "learned": [60, 120],
        "credited": [60, 120], "recognised": [0, 120], "completed": [False, True],
        "courses": {"c": [60, 120]}}
    assert summary.pop("seconds") >= 0
    assert summary == {
        "kind": "summary", "teachers": 5, "changed": 1, "events": 2 * len(EVENTS), "notes": [],
        "totals": {"p": {"gaining": 1, "gained": 60, "losing": 0, "lost": 0, "newly_completed": 1,
                         "no_longer_completed": 0}}}
