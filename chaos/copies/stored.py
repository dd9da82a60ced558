"""Copy (d): DuckDB – current state, ledger, and the published files."""

from collections.abc import Iterable

from chaos.copies.figures import CREDIT, Copy, Difference, Figures, Key
from pipeline.settings import Settings
from simulator.catalogue import Catalogue
from warehouse.proof import Figure, ledger_figures, published_figures, state_figures

FUNNEL = ("on_roster", "registered", "enrolled", "completed", "certificate", "learned",
          "credited", "recognised")
DAYS = frozenset({"all.learned", "all.credited", "all.enrolled", "all.completed"})
SCHOOLS = frozenset({*(f"school.{what}" for what in FUNNEL),
                     "school.course.learned", "school.course.credited"})
REGIONS = frozenset(what.replace("school.", "region.") for what in SCHOOLS)


def read_state(settings: Settings) -> Copy:
    """The warehouse's current state and its days; the loader must have ended.

    Raises:
        WarehouseError: the file cannot be opened.
    """
    return _copy("warehouse", CREDIT | DAYS, state_figures(settings.warehouse_path))


def read_stored_ledger(settings: Settings, catalogue: Catalogue) -> Copy:
    """The warehouse's ledger. Raises as `read_state`."""
    videos = {video.id for p in catalogue.programmes.values() for video in p.videos}
    figures = [one for one in ledger_figures(settings.warehouse_path)
               if one[0] != "counted" or one[3] in videos]
    return _copy("warehouse ledger", CREDIT | {"counted"}, figures)


def read_published(settings: Settings) -> Copy:
    """Teachers, schools and regions of all published files.

    Raises:
        WarehouseError: nothing is published, or a file is broken.
    """
    return _copy("published", CREDIT | SCHOOLS | REGIONS | DAYS,
                 published_figures(settings.published_dir))


def _copy(name: str, holds: frozenset[str], rows: Iterable[Figure]) -> Copy:
    figures: Figures = {}
    twice = []
    for what, teacher, programme, place, amount in rows:
        key = Key(what, teacher, programme, place)
        if key in figures:
            twice.append(Difference(name, teacher, programme, place, f"{what} is there twice",
                                    figures[key], amount))
        figures[key] = amount
    return Copy(name, holds, figures, twice)
