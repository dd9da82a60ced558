"""What the last good publication is, as metrics of those who make it and of those who show it."""

from collections.abc import Callable, Iterable
from pathlib import Path

from pipeline.metrics.catalogue import publisher
from pipeline.metrics.metric import Sample
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, read_manifest


def publication(folder: Path) -> Callable[[], Iterable[Sample]]:
    """The last good publication in the folder of published files; zeros where there is none."""

    def read() -> Iterable[Sample]:
        made = _manifest(folder)
        files = made.all_files if made else []
        return [Sample(publisher.AS_OF, made.as_of / 1000 if made else 0),
                Sample(publisher.SEQUENCE, made.sequence if made else 0),
                Sample(publisher.FILES, len(files)),
                Sample(publisher.BYTES, sum(file.bytes for file in files))]

    return read


def _manifest(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except WarehouseError:
        return None


def unpublished(folder: Path) -> list[str]:
    """Why nothing can be shown from the folder."""
    return [] if _manifest(folder) else ["nothing is published"]
