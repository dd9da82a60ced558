"""kill -9 of a process at a moment that has nothing to do with its work."""

import random
import time

from chaos.faults.fault import Inject
from chaos.stage import WORKERS, Stage


def killed(kind: str) -> Inject:
    """The fault that one process of the kind is killed."""

    def inject(stage: Stage, rng: random.Random) -> list[str]:
        if kind == WORKERS:
            stage.settled()
        return [_kill(stage, rng.choice(stage.of(kind)), rng.uniform(0, 1.5))]

    return inject


def killed_starting(kind: str, longest_s: float) -> Inject:
    """The fault that one is killed again and again, each time while it starts or recovers."""

    def inject(stage: Stage, rng: random.Random) -> list[str]:
        name = rng.choice(stage.of(kind))
        return [_kill(stage, name, rng.uniform(0.3, longest_s)) for _ in range(3)]

    return inject


def _kill(stage: Stage, name: str, after_s: float) -> str:
    time.sleep(after_s)
    since, life = len(stage.supervisor.ends), stage.supervisor.lives(name)
    pid = stage.supervisor.kill(name, "SIGKILL at random")
    ended = stage.supervisor.wait_end(name, since, 10)
    stage.supervisor.wait_lives(name, life + 1, 10)
    return f"{name}, pid {pid}, ended with {ended.code} after {ended.lived_s:.1f} s"
