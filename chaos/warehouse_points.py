"""Points of the loader and the publisher at which they may be killed."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from chaos.wrapping import Install, Reached, after, before, replace

ACKNOWLEDGED_S = 10.0


def with_rejections(_: Any, rejections: Sequence[Any]) -> bool:
    """A call that has something to send."""
    return bool(rejections)


def onto(name: str) -> Callable[..., bool]:
    """A rename that lets the file `name` hold."""

    def is_it(_: Path, target: Path) -> bool:
        return target.name == name

    return is_it


def switching(_: Path, target: Path) -> bool:
    """A rename that lets a publication hold."""
    return target.name == "manifest.json" and not freezing(_, target)


def freezing(_: Path, target: Path) -> bool:
    """A rename that lets the manifest of a frozen day hold, in its folder under way."""
    return target.parent.name.endswith(".tmp")


def to_published(_: Path, target: Path) -> bool:
    """A rename that lets a published file hold."""
    return target.suffix == ".duckdb"


def published(path: Path, *_: Any, **__: Any) -> bool:
    """A published file, not a temporary one."""
    return path.suffix == ".duckdb"


def between_rejections(reached: Reached) -> None:
    """Kafka has the first of several rejections."""

    def make(send_all: Any) -> Any:
        def sent(letters: Any, rejections: Sequence[Any]) -> Iterator[Any]:
            for number, future in enumerate(send_all(letters, rejections)):
                if number == 0 and len(rejections) > 1:
                    future.get(timeout=ACKNOWLEDGED_S)
                    reached()
                yield future

        return sent

    replace("warehouse.source:DeadLetters._sent", make)


def inside_copy(reached: Reached) -> None:
    """Half of the snapshot is written."""

    def make(copy: Any) -> Any:
        def half(source: BinaryIO, target: BinaryIO, length: int) -> None:
            target.write(source.read(os.fstat(source.fileno()).st_size // 2))
            target.flush()
            reached()
            copy(source, target, length)

        return half

    replace("warehouse.snapshot:shutil.copyfileobj", make)


def inside_checkpoint(step: str) -> Install:
    """A checkpoint breaks off at a step of DuckDB's own (its setting debug_checkpoint_abort).

    There is no going on after it: such a point can be reached once only.
    """

    def install(reached: Reached) -> None:
        def make(take: Any) -> Any:
            def aborted(copies: Any, at: int) -> None:
                copies._db.execute(f"SET debug_checkpoint_abort = '{step}'")
                try:
                    take(copies, at)
                finally:
                    reached()

            return aborted

        replace("warehouse.snapshot:Snapshots.take", make)

    return install


POINTS: Mapping[str, Install] = {
    "loader:between-migrations": after("warehouse.migrate:_apply"),
    "loader:inside-dimensions": after("warehouse.dimensions:_replace"),
    "loader:before-rejections": before("warehouse.source:DeadLetters.send", with_rejections),
    "loader:between-rejections": between_rejections,
    "loader:after-rejections": after("warehouse.source:DeadLetters.send", with_rejections),
    "loader:before-transaction": before("warehouse.loader:land"),
    "loader:inside-transaction": before("warehouse.landing:_land_ledger"),
    "loader:after-ledger": after("warehouse.landing:_land_ledger"),
    "loader:before-commit": after("warehouse.landing:_land"),
    "loader:after-commit": after("warehouse.loader:land"),
    "loader:before-checkpoint": before("warehouse.snapshot:Snapshots.take"),
    "loader:checkpoint-before-wal-flush": inside_checkpoint("before_wal_flush"),
    "loader:checkpoint-before-wal-finish": inside_checkpoint("before_wal_finish"),
    "loader:checkpoint-after-free-list": inside_checkpoint("after_free_list_write"),
    "loader:checkpoint-before-header": inside_checkpoint("before_header"),
    "loader:checkpoint-before-truncate": inside_checkpoint("before_truncate"),
    "loader:before-copy": before("warehouse.snapshot:shutil.copyfileobj"),
    "loader:inside-copy": inside_copy,
    "loader:before-snapshot-rename": before("pathlib:Path.replace", onto("snapshot.duckdb")),
    "loader:after-snapshot-rename": after("pathlib:Path.replace", onto("snapshot.duckdb")),
    "publisher:inside-file": before("warehouse.published:_rows"),
    "publisher:before-file-rename": before("pathlib:Path.replace", to_published),
    "publisher:between-files": after("warehouse.publisher:write"),
    "publisher:inside-counties": after("warehouse.counties:_copy"),
    "publisher:inside-freezing": before("pathlib:Path.replace", freezing),
    "publisher:after-freezing": after("warehouse.publisher:freeze"),
    "publisher:before-manifest": before("pathlib:Path.replace", switching),
    "publisher:after-manifest": after("pathlib:Path.replace", switching),
    "publisher:inside-cleaning": after("pathlib:Path.unlink", published),
}
