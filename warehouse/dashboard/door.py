"""The only door to data: an account and what it may read, or a page that does not exist."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline.rules import regions
from pipeline.rules.regions import RegionError
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.edition import Edition
from warehouse.dashboard.errors import UnknownError
from warehouse.dashboard.shelf import Shelf
from warehouse.manifest import NATIONAL, Manifest


@dataclass(frozen=True)
class Reading:
    """One request's sight of one publication: the account's region and nothing else."""

    account: Account
    edition: Edition
    db: DuckDBPyConnection

    @property
    def manifest(self) -> Manifest:
        return self.edition.manifest

    @property
    def national(self) -> bool:
        """The country's file has counties, and neither schools nor teachers."""
        return self.account.region == NATIONAL

    @cached_property
    def names(self) -> bool:
        """Whether teachers' names are there and may be shown to this account."""
        return self.account.sees_names and ("teachers", "name") in self.edition.columns()

    def named(self, sql: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """Every row of the statement, by the names of its columns."""
        found = self.db.execute(sql, asked)
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def open_for(account: Account, shelf: Shelf, region: str | None = None) -> Reading:
    """What the account may read of the last publication. `region`: what it asks for, if that is
    known before reading.

    Raises:
        UnknownError: the region is none, or not the account's own or inside it.
        NothingPublishedError, DamagedError: as Shelf.edition.
    """
    if region is not None and not may_see(account, region):
        raise UnknownError
    edition = shelf.edition(account.region)
    return Reading(account, edition, edition.cursor())


def may_see(account: Account, region: str) -> bool:
    """Whether the region is the account's own or lies in it."""
    if NATIONAL in (account.region, region):
        return account.region == NATIONAL and (region == NATIONAL or _is_code(region))
    return _is_code(region) and regions.contains(account.region, region)


def _is_code(region: str) -> bool:
    try:
        regions.level(region)
    except RegionError:
        return False
    return True
