"""kill -9 of a process exactly at a named point of its work (chaos/victim.py)."""

import random
import signal
from collections.abc import Sequence

from chaos.faults.fault import Inject, NotLandedError
from chaos.stage import WORKERS, Stage
from chaos.supervisor import Ended, StayedError
from chaos.victim import LAST_WORDS

REACH_PATIENCE_S = 90.0


def killed_at(kind: str, points: Sequence[str], most_calls: int) -> Inject:
    """The fault that a process of the kind is started anew to die at one of the points, on a
    call up to `most_calls`.
    """

    def inject(stage: Stage, rng: random.Random) -> list[str]:
        name = rng.choice(stage.of(kind))
        point, call = f"{kind}:{rng.choice(points)}", rng.randint(1, most_calls)
        if kind == WORKERS:
            stage.settled()
        return [_die_at(stage, name, point, call)]

    return inject


def become_victim(stage: Stage, name: str, point: str, call: int, by: str = "KILL") -> None:
    """Let it leave and come back with a signal waiting for it at the point."""
    usual = stage.programs[name].arguments[2:]  # after -m pipeline
    stage.supervisor.become(name, (
        "-m", "chaos.victim", "--die-at", point, "--call", str(call), "--by", by, *usual))
    stage.supervisor.mark(name, f"SIG{by} at {point}")


def _die_at(stage: Stage, name: str, point: str, call: int) -> str:
    become_victim(stage, name, point, call)
    ended = _end(stage, name, len(stage.supervisor.ends))
    told = LAST_WORDS.format(point=point, call=call)
    if ended.code != -signal.SIGKILL or ended.last_line != told:
        raise NotLandedError(f"{name} ended with {ended.code} and not at {point}:"
                             f" {ended.last_line}")
    return f"{name}, pid {ended.pid}, after {ended.lived_s:.1f} s: {told}"


def _end(stage: Stage, name: str, since: int) -> Ended:
    try:
        return stage.supervisor.wait_end(name, since, REACH_PATIENCE_S)
    except StayedError as error:
        stage.supervisor.kill(name, "its point was never reached")
        raise NotLandedError(str(error)) from error
