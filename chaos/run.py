"""One run: start everything, play, let faults happen meanwhile, wait, compare, leave."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from kafka.errors import KafkaError

from chaos.broker import Broker, BrokerFaultError
from chaos.catching_up import CatchingUp, watching
from chaos.faults import FAULTS, NotLandedError
from chaos.group import Group, NotSettledError
from chaos.judging import judge
from chaos.load import LoadError
from chaos.loads import Loads, make_loads, playing
from chaos.plan import Moment, plan
from chaos.report import Injected, RunReport, fault_lines
from chaos.stage import Stage, programs, stage_settings, url_of
from chaos.supervisor import StayedError, Supervisor, supervising
from demo.draining import NotDrainedError, wait_until_published
from pipeline.broker import topics
from pipeline.broker.errors import BrokerError
from pipeline.settings import Settings

COLLECTORS = 2
MOST_WORKERS = 3
HEARTBEATS_EACH = 700
SLACK, QUIET_S = 1.5, 20.0  # a load lasts longer than its faults, as some take long
LOAD_PATIENCE_S = 300.0
DRAIN_PATIENCE_S = 180.0

LANDS_NOT = (NotLandedError, NotSettledError, StayedError, BrokerFaultError, BrokerError,
             KafkaError, OSError, psutil.Error)
"""What may keep a fault from landing; anything else is a mistake of the harness."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What one run is to be. `only`: these faults, else all; `seconds`: as many as fit."""

    seed: int
    teachers: int
    workers: int
    only: tuple[str, ...] = ()
    seconds: float | None = None

    @property
    def again(self) -> str:
        """The command that does exactly this again."""
        more = [f"--only {fault}" for fault in self.only]
        if self.seconds is not None:
            more.append(f"--seconds {self.seconds:g}")
        return " ".join([f"xueshi chaos --seed {self.seed} --teachers {self.teachers}"
                         f" --workers {self.workers}", *more])

    def moments(self) -> list[Moment]:
        """The run's plan."""
        names = self.only or tuple(FAULTS)
        return plan(self.seed, {name: FAULTS[name].cost_s for name in names}, self.seconds)


def run(base: Settings, broker: Broker, folder: Path, order: RunOrder, say: Say) -> RunReport:
    """One run on a broker that is up; `say` is told each fault as it happens.

    Raises:
        BrokerError, CatalogueError, TooFewVideosError: it cannot even begin.
        NotSettledError, StayedError: the processes do not come up.
    """
    begun = time.monotonic()
    settings = stage_settings(base, folder, broker.bootstrap, f"chaos-{order.seed}.")
    topics.create(broker.bootstrap, settings)
    with supervising(folder / "logs") as supervisor:
        report = _perform(settings, broker, supervisor, order, say)
        report = replace(report, ends=tuple(supervisor.ends), left=tuple(supervisor.left))
    return replace(report, seconds=time.monotonic() - begun)


def _perform(
    settings: Settings, broker: Broker, supervisor: Supervisor, order: RunOrder, say: Say
) -> RunReport:
    begun, moments = time.monotonic(), order.moments()
    stage = _stage(settings, broker, supervisor, order)
    loads = _loads(stage, order)
    with playing(loads), watching(stage.group) as catching_up:
        injected = [_inject(stage, moment, left_s, loads, catching_up, say)
                    for moment, left_s in zip(moments, _left_s(moments), strict=True)]
        loads.hurry()
        wrong = _wait(lambda: loads.wait(LOAD_PATIENCE_S))
        loaded = time.monotonic()
        wrong += _wait(lambda: _drain(stage))
        drained = time.monotonic()
        wrong += _wait(catching_up.look)
    verdict = judge(stage, loads)
    return RunReport(
        order.seed, order.again, tuple(_caught_up(injected, catching_up)),
        conditions=tuple(loads.conditions()),
        figures=verdict.figures, wrong=(*wrong, *verdict.wrong), teachers=len(loads.truth),
        sent=loads.sent(), load_s=loaded - begun, drain_s=drained - loaded)


def _stage(
    settings: Settings, broker: Broker, supervisor: Supervisor, order: RunOrder
) -> Stage:
    """With all processes started, and ready."""
    made = programs(settings, MOST_WORKERS, COLLECTORS)
    stage = Stage(settings, broker, supervisor, Group(broker.bootstrap, settings), made,
                  order.workers)
    for name in stage.usual():
        supervisor.start(made[name])
    stage.settled()
    return stage


def _loads(stage: Stage, order: RunOrder) -> Loads:
    collectors = [url_of(stage.programs[name]) for name in stage.of("collector")]
    return make_loads(stage.settings, collectors, order.seed, order.teachers,
                      order.teachers * HEARTBEATS_EACH)


def _left_s(moments: Sequence[Moment]) -> Iterator[float]:
    """For each moment, how long the load is to last from it on."""
    costs = [FAULTS[moment.fault].cost_s for moment in moments]
    return (SLACK * sum(costs[number:]) + QUIET_S for number in range(len(costs)))


def _inject(
    stage: Stage, moment: Moment, left_s: float, loads: Loads, catching_up: CatchingUp, say: Say
) -> Injected:
    """Go to its moment, do it under load, and note what came of it."""
    loads.reach(moment.at)
    loads.last(left_s)
    stage.supervisor.during = moment.fault
    begun, why_not, evidence = time.monotonic(), "", list[str]()
    try:
        evidence = FAULTS[moment.fault].inject(stage, random.Random(moment.seed))
        catching_up.mark(moment.fault)
    except LANDS_NOT as error:
        why_not = str(error) or repr(error)
    made = Injected(loads.share(), moment.fault, tuple(evidence), why_not,
                    time.monotonic() - begun, None)
    say("\n".join(fault_lines(made)))
    return made


def _caught_up(injected: Sequence[Injected], catching_up: CatchingUp) -> Iterator[Injected]:
    took = catching_up.seconds()
    for one in injected:
        yield replace(one, caught_up_s=took.get(one.fault))


def _wait(wait: Callable[[], None]) -> list[str]:
    """What kept it from coming to its end."""
    try:
        wait()
    except (TimeoutError, LoadError, NotDrainedError, BrokerError, KafkaError) as error:
        return [f"{type(error).__name__}: {error}"]
    return []


def _drain(stage: Stage) -> None:
    wait_until_published(stage.settings, stage.broker.bootstrap, lambda *_: None,
                         DRAIN_PATIENCE_S)
