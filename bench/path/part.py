"""What a part of the measurement is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from bench.path.figures import Figures, Forms
from bench.path.ground import Ground

Work = Callable[[], Figures]
"""Measures once."""


class Part(NamedTuple):
    """`prepared`: makes what all of its runs need, once, and takes it away at the end.
    `most`: so many runs are enough, as one takes long.
    """

    name: str
    forms: Forms
    prepared: Callable[[Ground], AbstractContextManager[Work]]
    most: int = 1_000
