"""A run is good only if all of it is, and a bad one says how to do it again."""

from dataclasses import replace

import orjson
import pytest

from chaos.load.load import Sent
from chaos.report import Figures, Injected, RunReport, as_figures, lines, summary
from chaos.supervisor import Ended, Left

LANDED = Injected(0.3, "worker-killed", ("worker-1, pid 7, ended with -9",), "", 4.0, 2.5)
GOOD = RunReport(
    seed=7, again="xueshi chaos --seed 7 --teachers 40 --workers 3", injected=(LANDED,),
    ends=(Ended("worker-1", 7, -9, 9.0, "SIGKILL at random", "worker-killed", "…"),
          Ended("worker-2", 8, 1, 9.0, "", "broker-killed", "worker ends: KafkaError")),
    left=(Left("worker-1", 0, 1.2, True, ""), Left("loader", 0, 0.4, False, "")),
    teachers=40, sent=Sent(events=30_000), seconds=60.0,
)

BAD = {
    "a fault that did not land": replace(
        GOOD, injected=(replace(LANDED, why_not="Kafka still answers"),)),
    "a difference": replace(GOOD, wrong=("served: t1: learned 0, should be 60",)),
    "a process that ends by itself and calls it success": replace(
        GOOD, ends=(Ended("loader", 9, 0, 3.0, "", "broker-killed", "stopped"),)),
    "a process that ends by itself and does not say why": replace(
        GOOD, ends=(Ended("loader", 9, 1, 3.0, "", "broker-killed", "landed 3 records"),)),
    "SIGTERM answered with an error": replace(GOOD, left=(Left("worker-1", 1, 2.0, False, "x"),)),
    "SIGTERM answered late": replace(GOOD, left=(Left("worker-1", 0, 10.1, False, "x"),)),
    "SIGTERM twice answered by the signal": replace(
        GOOD, left=(Left("worker-1", -15, 0.4, True, "x"),)),
}


def test_a_run_in_which_all_is_well_is_good() -> None:
    assert GOOD.good
    assert list(lines(GOOD))[-1].strip() == "RIGHT"


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_single_thing_makes_it_bad_and_it_says_how_to_do_it_again(bad: RunReport) -> None:
    assert not bad.good
    said = list(lines(bad))
    assert sum(line.strip().startswith("WRONG ") for line in said) == 1
    assert said[-1].endswith(GOOD.again)


def test_many_differences_are_cut_short_but_counted() -> None:
    said = "\n".join(lines(replace(GOOD, wrong=tuple(f"no {n}" for n in range(100)))))
    assert "no 19" in said
    assert "no 20\n" not in said
    assert "80 more" in said


def test_totals_count_faults_and_seconds_over_all_runs() -> None:
    late = replace(LANDED, caught_up_s=7.5)
    never = replace(LANDED, why_not="no", caught_up_s=None)
    wrong = Figures(compared=500, lost=2, doubled=1, differing=4)
    other = replace(GOOD, injected=(late, never), figures=wrong)
    figures = orjson.loads(orjson.dumps(as_figures([GOOD, other])))
    assert figures["totals"] == {
        "runs": 2, "runs_wrong": 1, "faults_injected": 3, "faults_landed": 2, "lost": 2,
        "doubled": 1, "differing": 4, "events": 60_000, "figures_compared": 500,
        "caught_up_s_median": 5.0,
        "caught_up_s_max": 7.5, "stopped_s_max": 1.2, "seconds": 120.0,
    }
    assert figures["runs"][0]["ends"][1]["last_line"] == "worker ends: KafkaError"
    assert "2 of 3 faults landed" in summary([GOOD, other])
