"""The live tables against the logs: every figure that differs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from audit.rebuild.figures import Figure, Figures
from audit.rebuild.log import Log
from audit.rebuild.recompute import recompute
from audit.rebuild.tables import Owns, Table, TableAwayError
from pipeline.rules.programme import Catalogue


class Difference(NamedTuple):
    """A figure that a live table has otherwise than the logs say; None where it is nothing."""

    teacher_id: str
    figure: Figure
    table: str
    rebuilt: int | None
    live: int | None


@dataclass(slots=True)
class Compared:
    """One table's part: how many teachers were compared, and how many it does not list; how many
    figures `differ`. `away`: why not everybody could be compared.
    """

    teachers: int = 0
    unlisted: int = 0
    differ: int = 0
    away: str | None = None


@dataclass(slots=True)
class Comparison:
    """What came of it, over all partitions; `tables` by name."""

    teachers: int = 0
    tables: dict[str, Compared] = field(default_factory=dict)

    @property
    def differences(self) -> int:
        return sum(table.differ for table in self.tables.values())

    @property
    def is_whole(self) -> bool:
        """Whether every table was compared to its end."""
        return all(table.away is None for table in self.tables.values())


Tell = Callable[[Difference], None]


def compare(
    log: Log, partitions: Iterable[int], catalogue: Catalogue, tables: Sequence[Table], tell: Tell
) -> Comparison:
    """Recompute everybody and compare with the tables; each difference is told when found.

    A table that cannot be read any more is left out from then on.

    Raises:
        TableAwayError: none of the tables can be read.
        BrokerError: Kafka does not answer, or its topics are not those of the settings.
    """
    found = Comparison(tables={table.name: Compared() for table in tables})
    for table in tables:
        _while_there(found.tables[table.name], table.require)
    if all(one.away is not None for one in found.tables.values()):
        raise TableAwayError("; ".join(one.away or "" for one in found.tables.values()))
    for partition in partitions:
        _compare_partition(log, partition, catalogue, tables, found, tell)
    return found


def _while_there(compared: Compared, read: Callable[[], None]) -> None:
    if compared.away is None:
        try:
            read()
        except TableAwayError as error:
            compared.away = str(error)


def _compare_partition(
    log: Log, partition: int, catalogue: Catalogue, tables: Sequence[Table], found: Comparison,
    tell: Tell,
) -> None:
    rebuilt = {id_: figures for id_, (figures,) in recompute(log, partition, [catalogue])}
    found.teachers += len(rebuilt)
    for table in tables:
        compared = found.tables[table.name]
        owns = partial(log.owns, partition)
        _while_there(compared, partial(_compare_table, table, rebuilt, owns, compared, tell))


def _compare_table(
    table: Table, rebuilt: Mapping[str, Figures], owns: Owns, compared: Compared, tell: Tell
) -> None:
    live = table.read(list(rebuilt), owns)
    compared.teachers += len(live)
    compared.unlisted += len(rebuilt.keys() - live.keys())
    for teacher_id, theirs in sorted(live.items()):
        for difference in _of_teacher(table, teacher_id, rebuilt.get(teacher_id, {}), theirs):
            compared.differ += 1
            tell(difference)


def _of_teacher(
    table: Table, teacher_id: str, mine: Figures, theirs: Figures
) -> Iterator[Difference]:
    for figure in sorted({*mine, *theirs}):
        if figure.what in table.figures and mine.get(figure) != theirs.get(figure):
            yield Difference(teacher_id, figure, table.name, mine.get(figure), theirs.get(figure))
