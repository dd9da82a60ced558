"""Power that fails in the middle of writing: the log ends anywhere, or in nonsense."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.warehouse.helpers import Log, entry, land_all, rows, warehouse
from warehouse.errors import WarehouseError

PARTS, TEACHERS, CUTS = 4, 30, 40


@dataclass(frozen=True, slots=True)
class Torn:
    """A warehouse with one part in its file and the others in its log, when power fails."""

    file: Path
    log: bytes
    scratch: Path

    def left_with(self, log: bytes) -> Settings:
        """Settings of that warehouse with another log."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        settings = Settings(var_dir=self.scratch)
        settings.warehouse_path.parent.mkdir(parents=True)
        shutil.copy(self.file, settings.warehouse_path)
        log_path(settings).write_bytes(log)
        return settings


def log_path(settings: Settings) -> Path:
    return settings.warehouse_path.with_name("warehouse.duckdb.wal")


@pytest.fixture
def torn(local: Settings, tmp_path: Path) -> Torn:
    records, copy = Log(), tmp_path / "copy.duckdb"
    with warehouse(local) as db:
        for part in range(1, PARTS + 1):
            land_all(db, records.ledger(*(
                entry(f"t{who}", part, "learned", "ideals", 50 * part, 50 * part, 50)
                for who in range(TEACHERS))))
            if part == 1:
                db.checkpoint()
                shutil.copy(local.warehouse_path, copy)
        return Torn(copy, log_path(local).read_bytes(), tmp_path / "scratch")


def test_rule_14_a_log_cut_off_anywhere_is_an_earlier_moment(torn: Torn) -> None:
    seen = set()
    for cut in [*range(0, len(torn.log), len(torn.log) // CUTS), len(torn.log)]:
        with warehouse(torn.left_with(torn.log[:cut])) as db:
            [(count, offset, numbers, seconds)] = rows(db, """
                SELECT (SELECT count(*) FROM ledger), (SELECT max(next_offset) FROM kafka_offsets),
                       (SELECT sum(last_seq) FROM progress), (SELECT sum(learned) FROM daily)""")
        # Rows, offsets, current state and rollups of one moment: the rest is read from Kafka.
        assert count == offset == numbers == seconds / 50, cut
        seen.add(count)
    assert seen == {TEACHERS * part for part in range(1, PARTS + 1)}


@pytest.mark.parametrize("tail", [bytes(4096), b"\xff" * 4096], ids=["zeros", "ones"])
def test_a_log_that_ends_in_nonsense_is_never_half_believed(torn: Torn, tail: bytes) -> None:
    half = torn.log[:len(torn.log) // 2]
    with (pytest.raises(WarehouseError, match=r"cannot open the warehouse .* move .* away"),
          warehouse(torn.left_with(half + tail))):
        pass
