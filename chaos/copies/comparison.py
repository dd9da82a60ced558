"""All four copies read and compared."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chaos.copies.figures import Copy, Difference, Figures, compare, compared
from chaos.copies.logs import read_completions, read_ledger
from chaos.copies.rebuilt import read_crediting, read_watching
from chaos.copies.served import read_served
from chaos.copies.stored import read_published, read_state, read_stored_ledger
from chaos.copies.truth import true_figures
from pipeline.settings import Settings
from simulator.catalogue import read_catalogue
from simulator.truth import TeacherTruth


@dataclass(slots=True)
class Comparison:
    """`differences`: [] if all copies are right; `compared`: figures looked at, and `seconds` it
    took to read and compare, both by copy.
    """

    differences: list[Difference] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def compare_copies(
    settings: Settings, truth: Sequence[TeacherTruth], worker_url: str
) -> Comparison:
    """All copies against the truth of all loads. `worker_url`: any worker, `http://host:port`.

    Everything must be decided, landed and published, and the loader must have ended: its file
    can be opened by one process only.

    Raises:
        BrokerError, UnreadableError, WarehouseError, httpx.HTTPError: a copy cannot be
            read at all.
    """
    kafka = settings.kafka_bootstrap_servers or ""
    catalogue = read_catalogue(settings.programmes_dir)
    teachers = [teacher.teacher_id for teacher in truth]
    key = settings.secret("platform_key")
    return compare_each(true_figures(truth, catalogue), [
        lambda: read_served(worker_url, key, teachers),
        lambda: read_crediting(settings, kafka, catalogue),
        lambda: read_watching(settings, kafka, catalogue),
        lambda: read_completions(settings, kafka, catalogue),
        lambda: read_ledger(settings, kafka, catalogue),
        lambda: read_state(settings),
        lambda: read_stored_ledger(settings, catalogue),
        lambda: read_published(settings),
    ])


def compare_each(true: Figures, readers: Sequence[Callable[[], Copy]]) -> Comparison:
    """Each copy against what is true."""
    result = Comparison()
    for read in readers:
        begun = time.monotonic()
        copy = read()
        result.differences += compare(copy, true)
        result.compared[copy.name] = compared(copy, true)
        result.seconds[copy.name] = time.monotonic() - begun
    return result
