"""What a run showed, in lines for people and as figures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from chaos.load.load import Sent
from chaos.supervisor import Ended, Left

SHOWN = 20
LEAVE_S = 10.0
CLEAR_END = r"^Error: |worker ends: "


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault. `why_not`: why it did not land, "" if it did; times in seconds.

    `caught_up_s`: from its end until all that stood on the topics then was decided and
    published; None if that never came.
    """

    at: float
    fault: str
    evidence: tuple[str, ...]
    why_not: str
    took_s: float
    caught_up_s: float | None

    @property
    def landed(self) -> bool:
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one run's verdict.

    compared  figures of all copies held against the truth
    lost      those that are less than is true
    doubled   those that are more; differing: all that differ
    counted   how much was looked at, by copy and by what the invariants read
    """

    compared: int = 0
    lost: int = 0
    doubled: int = 0
    differing: int = 0
    counted: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run. `wrong` has a line for each thing that must not be, the first ones shown."""

    seed: int
    again: str
    injected: tuple[Injected, ...] = ()
    conditions: tuple[str, ...] = ()
    figures: Figures = field(default_factory=Figures)
    wrong: tuple[str, ...] = ()
    ends: tuple[Ended, ...] = ()
    left: tuple[Left, ...] = ()
    teachers: int = 0
    sent: Sent = field(default_factory=Sent)
    load_s: float = 0.0
    drain_s: float = 0.0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return not self.all_wrong

    @property
    def all_wrong(self) -> list[str]:
        """What makes the run fail, a line each."""
        return [*(f"{one.fault} did not land: {one.why_not}"
                  for one in self.injected if not one.landed),
                *map(_bad_end, filter(_ended_badly, self.ends)),
                *map(_bad_leave, filter(_left_badly, self.left)), *self.wrong]


def _left_badly(left: Left) -> bool:
    return left.code != 0 or left.seconds > LEAVE_S


def _bad_leave(left: Left) -> str:
    return (f"{left.name}: {'two SIGTERM' if left.twice else 'SIGTERM'} ended it with {left.code}"
            f" after {left.seconds:.1f} s: {left.last_line}")


def _ended_badly(ended: Ended) -> bool:
    """An end that nobody asked for must not look like success, and must say why in its last line,
    as a command or a worker does.
    """
    return not ended.cause and (ended.code == 0 or not re.search(CLEAR_END, ended.last_line))


def _bad_end(ended: Ended) -> str:
    return (f"{ended.name}: ended by itself with {ended.code} during {ended.during}, and its last"
            f" line is: {ended.last_line}")


def fault_lines(one: Injected) -> Iterator[str]:
    """What came of one fault, for people."""
    landed = "landed" if one.landed else f"DID NOT LAND: {one.why_not}"
    yield f"  {one.at:4.0%}  {one.fault:28}{landed} ({one.took_s:.1f} s)"
    yield from (f"        {line}" for line in one.evidence)


def lines(run: RunReport) -> Iterator[str]:
    """The run for people, but for its faults, which were told when they happened."""
    yield from (f"  {condition}" for condition in run.conditions)
    yield f"  caught up after {_caught_up(run.injected)}"
    yield from _ends_lines(run.ends)
    yield _left_line(run.left)
    yield from _figures_lines(run)
    wrong = run.all_wrong
    yield from (f"  WRONG {line}" for line in wrong[:SHOWN])
    if len(wrong) > SHOWN:
        yield f"  … and {len(wrong) - SHOWN} more"
    yield f"  {'RIGHT' if run.good else f'WRONG: run it again with  {run.again}'}"


def _caught_up(injected: Sequence[Injected]) -> str:
    return ", ".join(f"{one.fault} {_seconds(one.caught_up_s)}" for one in injected)


def _seconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"


def _ends_lines(ends: Sequence[Ended]) -> Iterator[str]:
    """What ended by itself, each kind of last line once."""
    own = [ended for ended in ends if not ended.cause]
    yield f"  ends: {len(ends)}, of them {len(own)} by themselves"
    yield from (f"          {ended.name} with {ended.code} during {ended.during or 'nothing'}:"
                f" {ended.last_line}" for ended in own[:SHOWN])


def _left_line(left: Sequence[Left]) -> str:
    slowest = max((one.seconds for one in left), default=0.0)
    good = sum(not _left_badly(one) for one in left)
    twice = sum(one.twice for one in left)
    return (f"  SIGTERM: {good} of {len(left)} left with 0 within {LEAVE_S:.0f} s, the slowest in"
            f" {slowest:.1f} s; {twice} of them got it twice")


def _figures_lines(run: RunReport) -> Iterator[str]:
    figures = run.figures
    counted = ", ".join(f"{number:,} {name}" for name, number in figures.counted.items())
    sent = run.sent
    yield (f"  {run.teachers} teachers, {sent.events:,} events in {sent.posts:,} posts"
           f" ({sent.sent_again:,} sent again) and {sent.records:,} records")
    yield f"  looked at {counted}"
    yield (f"  {figures.compared:,} figures compared: {figures.lost} lost, {figures.doubled}"
           f" doubled, {figures.differing} differing")
    yield (f"  load {run.load_s:.0f} s, decided and published {run.drain_s:.0f} s later,"
           f" all in {run.seconds:.0f} s")


def totals(runs: Sequence[RunReport]) -> dict[str, Any]:
    """Figures of all runs together."""
    injected = [one for run in runs for one in run.injected]
    caught_up = [one.caught_up_s for one in injected if one.caught_up_s is not None]
    left = [one.seconds for run in runs for one in run.left]
    return {
        "runs": len(runs),
        "runs_wrong": sum(not run.good for run in runs),
        "faults_injected": len(injected),
        "faults_landed": sum(one.landed for one in injected),
        "lost": sum(run.figures.lost for run in runs),
        "doubled": sum(run.figures.doubled for run in runs),
        "differing": sum(run.figures.differing for run in runs),
        "events": sum(run.sent.events for run in runs),
        "figures_compared": sum(run.figures.compared for run in runs),
        "caught_up_s_median": round(median(caught_up), 2) if caught_up else None,
        "caught_up_s_max": round(max(caught_up), 2) if caught_up else None,
        "stopped_s_max": round(max(left), 2) if left else None,
        "seconds": round(sum(run.seconds for run in runs), 1),
    }


def summary(runs: Sequence[RunReport]) -> str:
    """The totals in one line."""
    t = totals(runs)
    return (f"{t['runs']} runs, {t['runs_wrong']} wrong; {t['faults_landed']} of"
            f" {t['faults_injected']} faults landed; {t['figures_compared']:,} figures compared:"
            f" {t['lost']} lost, {t['doubled']} doubled, {t['differing']} differing;"
            f" caught up in {t['caught_up_s_median']} s (median), {t['caught_up_s_max']} s (most);"
            f" stopped in {t['stopped_s_max']} s at most; {t['seconds']:.0f} s in all")


def as_figures(runs: Sequence[RunReport]) -> dict[str, Any]:
    """Totals and every run, ready for JSON."""
    return {"totals": totals(runs), "runs": [{**_plain(run), "good": run.good} for run in runs]}


def _plain(run: RunReport) -> dict[str, Any]:
    """`Ended` and `Left` as objects rather than lists."""
    return {**asdict(run), "ends": [ended._asdict() for ended in run.ends],
            "left": [one._asdict() for one in run.left]}
