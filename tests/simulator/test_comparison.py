from pathlib import Path

from simulator.comparison import Actual, Difference, compare
from simulator.truth import ProgrammeTruth, TeacherTruth
from simulator.truth_file import read_truth, write_truth
from simulator.world import World

PROGRAMME = ProgrammeTruth(enrolled=True, completed=True, recognised=500, done=("v1",),
                           courses={"c1": (700, 500), "c2": (0, 0)})
TEACHER = TeacherTruth("t000001", "partial", "s1", registered=True, verified=False,
                       behaviours=("honest",), programmes={"p": PROGRAMME})
RIGHT = Actual({("t000001", "p", "c1"): (700, 500)}, {("t000001", "p"): 500})


def test_equal_figures_are_no_difference_and_missing_ones_are_zero() -> None:
    assert compare([TEACHER], RIGHT) == []


def test_each_wrong_figure_is_told_by_itself() -> None:
    wrong = Actual({("t000001", "p", "c1"): (701, 500), ("t000001", "p", "c2"): (0, 9)}, {})
    assert compare([TEACHER], wrong) == [
        Difference("t000001", "p", "", "recognised", 500, 0, ("partial", "honest")),
        Difference("t000001", "p", "c1", "learned", 700, 701, ("partial", "honest")),
        Difference("t000001", "p", "c2", "credited", 0, 9, ("partial", "honest")),
    ]


def test_figures_of_unknown_teachers_and_courses_are_differences() -> None:
    more = Actual({**RIGHT.courses, ("t9", "p", "c1"): (1, 0), ("t000001", "p", "c9"): (5, 0)},
                  {**RIGHT.recognised, ("t000001", "q"): 3})
    assert [(d.teacher_id, d.programme_id, d.course_id, d.actual)
            for d in compare([TEACHER], more)] == [
        ("t000001", "p", "c9", 5), ("t000001", "q", "", 3), ("t9", "p", "c1", 1)]


def test_a_difference_reads_as_one_line() -> None:
    [difference] = compare([TEACHER], Actual(RIGHT.courses, {}))
    assert str(difference) == (
        "t000001 p: recognised 0 s, should be 500 s (partial, honest)")


def test_the_truth_survives_its_file(tmp_path: Path, world: World) -> None:
    truth = [TEACHER, *(world.truth(person) for person in world.population.people[:50])]
    write_truth(truth, tmp_path / "new" / "truth.jsonl")
    assert list(read_truth(tmp_path / "new" / "truth.jsonl")) == truth
