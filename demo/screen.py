"""What the demo shows while it runs and when it is over."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from pipeline.settings import Settings
from simulator.comparison import Difference
from simulator.http_player import Tally
from simulator.play import PlayResult
from simulator.roles import Role
from simulator.truth import TeacherTruth

SHOWN_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Screen:
    """Prints to one console."""

    console: Console

    @contextmanager
    def playing(self, heartbeats: int) -> Iterator[Callable[[Tally], None]]:
        """A bar of heartbeats that the collector has acknowledged."""
        with self._bar("playing", heartbeats) as (bar, task):
            yield lambda tally: bar.update(task, completed=tally.heartbeats,
                                           total=max(heartbeats, tally.heartbeats))

    @contextmanager
    def draining(self) -> Iterator[Callable[[int, int], None]]:
        """How many records are still on their way."""
        with self._bar("deciding and publishing", None) as (bar, task):
            yield lambda to_decide, to_publish: bar.update(
                task, description=f"records to decide {to_decide}, to publish {to_publish}")

    @contextmanager
    def _bar(self, title: str, total: int | None) -> Iterator[tuple[Progress, TaskID]]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                   TimeElapsedColumn())
        with Progress(*columns, console=self.console) as bar:
            yield bar, bar.add_task(title, total=total)

    def report(self, text: str) -> None:
        """As it came: a table is not wrapped again."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def throughput(self, tally: Tally, play_s: float, drain_s: float) -> None:
        self.console.print(
            f"{tally.heartbeats:,} heartbeats in {tally.posts:,} posts over HTTP in {play_s:.1f} s:"
            f" {tally.heartbeats / play_s:,.0f} a second, simulator included;"
            f" published {drain_s:.1f} s after the last post", soft_wrap=True)

    def refusals(self, tally: Tally, events: dict[str, int]) -> None:
        """What the collector refused by status, and which events were refused and why."""
        refused: Counter[tuple[str, int]] = Counter(
            {key: n for key, n in tally.statuses.items() if key[1] >= 400})
        table = Table("refused", "why", "how many", title="Refused", title_justify="left")
        for (kind, status), count in sorted(refused.items()):
            table.add_row("post", f"{status} ({kind})", f"{count:,}")
        for reason, count in events.items():
            table.add_row("event", reason, f"{count:,}")
        self.console.print(table)

    def verdict(
        self, played: PlayResult, differences: list[Difference], settings: Settings
    ) -> None:
        """Whether everybody has exactly what is true, and where to look further."""
        for line in played.tally.examples:
            self.console.print(f"unexpected answer: {line}", markup=False)
        for difference in differences[:SHOWN_DIFFERENCES]:
            self.console.print(str(difference), markup=False)
        self.console.print(_summary(played, differences), markup=False, soft_wrap=True)
        self.console.print(_where(settings), markup=False, highlight=False)


def _summary(played: PlayResult, differences: list[Difference]) -> str:
    cheats = [teacher for teacher in played.truth if teacher.role == Role.CHEAT]
    if differences:
        wrong = len({difference.teacher_id for difference in differences})
        return f"WRONG: {wrong} of {len(played.truth)} teachers differ from the truth"
    assert not any(_learned(cheat) for cheat in cheats), "a cheat's truth is zero by construction"
    return (f"RIGHT: all {len(played.truth)} teachers have exactly the seconds that are true, in"
            f" every course, in the workers' table and in the published files;"
            f" all {len(cheats)} cheats are at zero")


def _learned(teacher: TeacherTruth) -> int:
    return sum(learned for programme in teacher.programmes.values()
               for learned, _ in programme.courses.values())


def _where(settings: Settings) -> str:
    return (f"logs         {settings.var_dir / 'logs'}\n"
            f"warehouse    {settings.warehouse_path}\n"
            f"published    {settings.published_dir}\n"
            f"open one     duckdb -readonly {settings.published_dir}/national-….duckdb, or\n"
            f"             XUESHI_VAR_DIR={settings.var_dir} xueshi report 000000\n"
            f"look at it   export XUESHI_VAR_DIR={settings.var_dir}; "
            "xueshi accounts add me --region 000000; xueshi dashboard")
