"""Figures as a table of plain text."""

from collections.abc import Sequence

import click


def show(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, ["-" * width for width in widths], *rows):
        first, *others = (cell.ljust(width) if place == 0 else cell.rjust(width)
                          for place, (cell, width) in enumerate(zip(row, widths, strict=True)))
        click.echo("  ".join([first, *others]))


def mb(size: float) -> str:
    return f"{size / 1e6:,.1f} MB"
