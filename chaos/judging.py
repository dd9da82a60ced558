"""The verdict on what a run has left: copies, invariants, and how the processes leave."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from chaos.copies import Comparison, Difference, compare_copies
from chaos.invariants import Proof, check_invariants
from chaos.loads import Loads
from chaos.report import Figures
from chaos.stage import Stage, url_of
from chaos.supervisor import StayedError
from chaos.unreadable import UnreadableError
from pipeline.broker.errors import BrokerError
from warehouse.errors import WarehouseError

UNREADABLE = (BrokerError, UnreadableError, WarehouseError, httpx.HTTPError)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wrong`: a line for each thing that must not be."""

    figures: Figures
    wrong: tuple[str, ...]


def judge(stage: Stage, loads: Loads) -> Verdict:
    """Compare everything, when all is decided and published; all processes have left then."""
    wrong = _leave(stage, [name for name in stage.of("") if name in ("loader", "publisher")])
    try:
        worker = url_of(stage.programs[stage.of("worker")[0]])
        copies = compare_copies(stage.settings, loads.truth, worker)
        wrong += map(str, copies.differences)
        wrong += _leave(stage, stage.of(""))
        proof = check_invariants(stage.settings, [*loads.expected(), *stage.expected])
    except UNREADABLE as error:
        return Verdict(Figures(), (*wrong, f"cannot compare: {error!r}"))
    return Verdict(_figures(copies, proof), (*wrong, *map(str, proof.broken)))


def _leave(stage: Stage, names: Sequence[str]) -> list[str]:
    """SIGTERM to each, twice to every other one; how each left is in the supervisor's notes."""
    wrong = []
    for number, name in enumerate(names):
        try:
            stage.supervisor.remove(name, twice=number % 2 == 1)
        except StayedError as error:
            wrong.append(str(error))
    return wrong


def _figures(copies: Comparison, proof: Proof) -> Figures:
    signs = [_sign(difference) for difference in copies.differences]
    return Figures(sum(copies.compared.values()), signs.count(-1), signs.count(1), len(signs),
                   {**copies.compared, **proof.counted})


def _sign(difference: Difference) -> int:
    """-1 less than is true, 1 more, 0 otherwise different."""
    actual, expected = difference.actual, difference.expected
    if not isinstance(actual, int) or not isinstance(expected, int):
        return 0
    return (actual > expected) - (actual < expected)
