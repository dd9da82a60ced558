"""Runs a command of `xueshi` in this process, and dies by SIGKILL at a named point of it, or
stands still there (SIGSTOP) until it is told to go on:

    python -m chaos.victim --die-at loader:before-commit --call 3 loader
    python -m chaos.victim --die-at worker:inside-changelog --by STOP worker --port 8711

A point is an `Install` (chaos/wrapping.py): a function that wraps what happens there before the
command starts, so that it is told each time the point is reached. To add one, put it into the
table POINTS of its part's module: `<part>_points.py`, named `<part>:<what happens there>`
(worker_points.py leaves the part out).
"""

import os
import pkgutil
import signal
import sys
from collections.abc import Mapping

import click

from chaos.wrapping import Install

COMMANDS = {
    "collector": "pipeline.collector.cli:collector",
    "worker": "pipeline.agents.cli:worker",
    "loader": "warehouse.cli:loader",
    "publisher": "warehouse.cli:publisher",
}
LAST_WORDS = "victim: dies at {point}, call {call}"


class Death:
    """Comes when it is called for the n-th time, and says so first."""

    def __init__(self, point: str, call: int, by: signal.Signals = signal.SIGKILL) -> None:
        self._point = point
        self._call = call
        self._by = by
        self._reached = 0

    def __call__(self) -> None:
        self._reached += 1
        if self._reached == self._call:
            told = LAST_WORDS.format(point=self._point, call=self._call)
            os.write(sys.stderr.fileno(), f"{told}\n".encode())
            os.kill(os.getpid(), self._by)


def points(part: str) -> Mapping[str, Install]:
    """All points of a part of the path, by their full names. Only that part is imported."""
    if part == "worker":
        from chaos import worker_points  # noqa: PLC0415 - Faust, which nobody else needs

        return {f"worker:{name}": install for name, install in worker_points.POINTS.items()}
    module = "chaos.collector_points" if part == "collector" else "chaos.warehouse_points"
    found: Mapping[str, Install] = pkgutil.resolve_name(f"{module}:POINTS")
    return {name: install for name, install in found.items() if name.startswith(f"{part}:")}


@click.command(context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True})
@click.option("--die-at", "point", required=True, help="Name of the point.")
@click.option("--call", default=1, type=click.IntRange(1), help="When it is reached so often.")
@click.option("--by", type=click.Choice(["KILL", "STOP"]), default="KILL", help="Which signal.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def victim(point: str, call: int, by: str, command: tuple[str, ...]) -> None:
    """Run `xueshi COMMAND …`, and die at a point of it."""
    name, *arguments = command
    known = points(point.partition(":")[0]) if name in COMMANDS else {}
    if point not in known:
        raise click.UsageError(f"{name} has no point {point}: there are {', '.join(known)}")
    known[point](Death(point, call, signal.Signals[f"SIG{by}"]))
    run: click.Command = pkgutil.resolve_name(COMMANDS[name])
    run.main(args=arguments, prog_name=f"xueshi {name}")


if __name__ == "__main__":
    victim()
