"""Measure the path behind the collector: `python -m bench.path all --runs 5 --json FILE`.

Every process is the real one, started by its own command over a real Kafka; what it made is checked
against what is known by construction, and a run that does not pass has no figures.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import click

from bench.figures import keep
from bench.path import crediting, loading, publishing, recovering, showing, streaming
from bench.path.figures import Run, as_rows, table
from bench.path.ground import Ground, Size, standing
from bench.path.part import Part
from demo.processes import ProcessError

PARTS: dict[str, Part] = {
    module.PART.name: module.PART
    for module in (crediting, loading, publishing, showing, streaming, recovering)}
LIBRARIES = ("aiokafka", "duckdb", "faust-streaming", "kafka-python", "orjson", "pydantic",
             "starlette", "uvicorn", "uvloop")
FEWEST_RUNS = 5
SIZE = Size()
OPTIONS = (
    click.option("--runs", type=click.IntRange(1), default=FEWEST_RUNS, show_default=True,
                 help="Of each part, in turns."),
    click.option("--teachers", type=click.IntRange(1000), default=SIZE.teachers, show_default=True,
                 help="Of loader, publisher and pages: 23 ledger entries each."),
    click.option("--credited", type=click.IntRange(100), default=SIZE.credited, show_default=True,
                 help="Teachers of crediting: 23 records each."),
    click.option("--requests", type=click.IntRange(1), default=SIZE.requests, show_default=True,
                 help="Of each page."),
    click.option("--rate", type=click.FloatRange(1), help="Posts a second of the stream.  "
                 "[default: half of the highest that a ramp finds]"),
    click.option("--seconds", type=click.FloatRange(1), default=SIZE.seconds, show_default=True,
                 help="A run of the stream; all are of one path, once it has warmed up."),
    click.option("--recovered", type=click.IntRange(1), default=SIZE.recovered, show_default=True,
                 help="Teachers whose state is read back."),
    click.option("--json", "kept", type=click.Path(path_type=Path), help="Where all figures go."),
)


@click.group()
def path() -> None:
    """Measure what comes behind the collector."""


def _command(name: str, parts: Sequence[Part], told: str) -> None:
    def run(runs: int, kept: Path | None, **size: Any) -> None:
        measure(parts, runs, Size(windows=runs, **size), kept)

    command: Callable[..., Any] = run
    for option in reversed(OPTIONS):
        command = option(command)
    path.command(name, help=told)(command)


for _part in PARTS.values():
    _command(_part.name, [_part], f"Measure this part alone: {_part.name}.")
_command("all", list(PARTS.values()), "Measure all parts, run by run in turns.")


def measure(parts: Sequence[Part], runs: int, size: Size, kept: Path | None) -> None:
    """Measure each part so often, and show the table; `kept`: the file that has all figures so
    far after every run, as a long measurement may be broken off.
    """
    done: list[Run] = []
    told = {"runs": runs, **asdict(size)}
    for run in _runs(parts, runs, size):
        done.append(run)
        click.echo(f"{run.part}: {_told(run)}", err=True)
        if kept is not None:
            keep(kept, LIBRARIES, told, as_rows(done))
    click.echo(table(done, {part.name: part.forms for part in parts}))


def _told(run: Run) -> str:
    forms = PARTS[run.part].forms
    return "; ".join(f"{title} {value:{forms[title]}}" for title, value in run.figures.items())


def _runs(parts: Sequence[Part], runs: int, size: Size) -> Iterator[Run]:
    try:
        with standing(size) as ground:
            yield from _on(ground, parts, runs)
    except ProcessError as error:
        raise click.ClickException(str(error)) from error


def _on(ground: Ground, parts: Sequence[Part], runs: int) -> Iterator[Run]:
    with ExitStack() as stack:
        works = [(part, stack.enter_context(part.prepared(ground))) for part in parts]
        for number, (part, work) in product(range(runs), works):
            if number < part.most:
                yield Run(part.name, work())
