"""The rules of the pipeline come to the same figures as the truth, which knows none of them.

This is the whole path without its machinery: a difference here is one of the rules or of the
simulator, not of Kafka, the agents or the warehouse.
"""

from collections import Counter

import pytest

from pipeline.rules import credit, watching
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from simulator.actions import Beat
from simulator.bulk import Arrival, arrivals
from simulator.comparison import Actual, compare
from simulator.world import World, make_world


def hear(viewer: watching.Viewer, catalogue: Catalogue, arrival: Arrival,
         news: list[watching.Milestone]) -> Counter[str]:
    """One post; how its events were judged."""
    of_session = (arrival.resource_id, arrival.session_id, arrival.opened_at)
    verdicts: Counter[str] = Counter()
    for event in arrival.post.events:
        if isinstance(event, Beat):
            beat = watching.Heartbeat(*of_session, event.seq, arrival.at,
                                      event.start, event.end, event.rate)
            verdict = watching.hear(viewer, catalogue, beat, news)
        else:
            answers = {question: list(given) if isinstance(given, tuple) else given
                       for question, given in event.answers.items()}
            handed = watching.QuizAnswers(*of_session, event.seq, arrival.at,
                                          event.quiz_id, answers)
            verdict = watching.hand_in(viewer, catalogue, handed, news)
        verdicts[str(verdict)] += 1
    return verdicts


def account(world: World, news: dict[str, list[watching.Milestone]]) -> dict[str, credit.Account]:
    accounts = {person.id: credit.Account() for person in world.population.people}
    for teacher_id, milestones in news.items():
        for one in (milestone for milestone in milestones if milestone.status == "done"):
            credit.mark_done(accounts[teacher_id], one.programme_id, one.resource_id, one.at)
    for person in world.population.people:
        for enrols in world.plan(person).enrols:
            credit.enrol(accounts[person.id], enrols.programme_id, enrols.at)
    return accounts


def figures(catalogue: Catalogue, accounts: dict[str, credit.Account]) -> Actual:
    courses: dict[tuple[str, str, str], tuple[int, int]] = {}
    recognised: dict[tuple[str, str], int] = {}
    for teacher_id, one in accounts.items():
        for programme in catalogue.programmes.values():
            standing = credit.standing(programme, one)
            recognised[teacher_id, programme.id] = standing.recognised
            for course in standing.courses:
                courses[teacher_id, programme.id, course.course_id] = (
                    course.learned, course.credited)
    return Actual(courses, recognised)


@pytest.mark.parametrize("seed", [1, 7])
def test_rule_14_the_rules_find_the_truth(seed: int) -> None:
    world = make_world(Settings(), teachers=200, seed=seed, heartbeats=60_000)
    catalogue = load_catalogue(Settings().programmes_dir)
    viewers = {person.id: watching.Viewer() for person in world.population.people}
    news: dict[str, list[watching.Milestone]] = {id_: [] for id_ in viewers}
    verdicts: Counter[str] = Counter()
    for arrival in arrivals(world):
        teacher = arrival.teacher_id
        verdicts += hear(viewers[teacher], catalogue, arrival, news[teacher])
    truth = [world.truth(person) for person in world.population.people]
    differences = compare(truth, figures(catalogue, account(world, news)))
    assert [str(difference) for difference in differences] == []
    assert min(verdicts[v] for v in ("accepted", "repeated", "no_time_left", "bad_stretch")) > 100
