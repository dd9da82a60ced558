"""The rules of the pipeline come to the same figures as the truth, which knows none of them.

This is the whole path without its machinery: a difference here is one of the rules or of the
simulator, not of Kafka, the agents or the warehouse.
"""

from collections import Counter

import pytest

from pipeline.rules.watching import QuizAnswers
from pipeline.settings import Settings
from simulator.bulk import arrivals
from simulator.comparison import compare
from simulator.world import make_world
from tests.simulator.deciding import decide, of_arrival


@pytest.mark.parametrize("seed", [1, 7])
def test_rule_14_the_rules_find_the_truth(seed: int) -> None:
    world = make_world(Settings(), teachers=200, seed=seed, heartbeats=60_000)
    events = (event for arrival in arrivals(world) for event in of_arrival(arrival))
    actual, verdicts = decide(world, events)
    truth = [world.truth(person) for person in world.population.people]
    assert [str(difference) for difference in compare(truth, actual)] == []
    assert min(verdicts[v] for v in ("accepted", "repeated", "no_time_left", "bad_stretch")) > 100


def test_rule_10_nobody_hands_a_quiz_in_more_than_twice() -> None:
    """So a limit of two attempts or more changes no truth, and brings about no refusal."""
    world = make_world(Settings(), teachers=200, seed=7, heartbeats=60_000)
    handed = {(teacher_id, event.resource_id, event.quiz_id, event.session_id, event.seq)
              for arrival in arrivals(world) for teacher_id, event in of_arrival(arrival)
              if isinstance(event, QuizAnswers)}
    assert max(Counter(one[:3] for one in handed).values()) == 2
