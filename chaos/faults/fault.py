"""What a fault is: something done to a stage on purpose, with the evidence that it landed."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from chaos.stage import Stage

Inject = Callable[[Stage, random.Random], list[str]]
"""Does it, waits until it has landed, and gives the evidence, a line each.

Raises NotLandedError, or an error of what it tried; what it changed is as before in any case.
"""


class NotLandedError(Exception):
    """The fault was to happen and did not: what follows would prove nothing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`cost_s`: seconds that it usually takes, until the next one may begin."""

    name: str
    meaning: str
    inject: Inject
    cost_s: float
