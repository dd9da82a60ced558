"""The only door to data: an account and what it may read, or a page that does not exist."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline.rules import regions
from pipeline.rules.regions import RegionError
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.edition import Edition
from warehouse.dashboard.errors import DamagedError, UnknownError
from warehouse.dashboard.shelf import Days
from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL, Manifest
from warehouse.reader import verified


@dataclass(frozen=True)
class Reading:
    """One request's sight of one publication: the account's region and nothing else.

    `day`: the frozen day that was asked for, None for the last publication.
    """

    account: Account
    edition: Edition
    db: DuckDBPyConnection
    day: str | None = None

    @property
    def manifest(self) -> Manifest:
        return self.edition.manifest

    @property
    def national(self) -> bool:
        """The country's file has counties, and neither schools nor teachers."""
        return self.account.region == NATIONAL

    @property
    def names(self) -> bool:
        """Whether teachers' names are there; they are for no account that may not see them."""
        return self.edition.names is not None

    def county(self, region: str) -> Path:
        """The Parquet file of a county inside the account's region, as it was published.

        Raises:
            UnknownError: there is none, or the account sees no teachers.
            DamagedError: it is not the one that was published.
        """
        file = None if self.national else self.manifest.county(region)
        if file is None:
            raise UnknownError
        try:
            return verified(self.edition.source.with_name(file.name), file)
        except WarehouseError as error:
            raise DamagedError(str(error)) from error

    def named(self, sql: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """Every row of the statement, by the names of its columns."""
        found = self.db.execute(sql, asked)
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def open_for(
    account: Account, days: Days, day: str | None = None, region: str | None = None
) -> Reading:
    """What the account may read of the last publication, or of a frozen day like 2023-07-20.
    `region`: what it asks for, if that is known before reading.

    Raises:
        UnknownError: the region is none, or not the account's own or inside it; or the day.
        NothingPublishedError, DamagedError: as Shelf.edition.
    """
    if region is not None and not may_see(account, region):
        raise UnknownError
    edition = days.shelf(day).edition(account.region, account.sees_names)
    return Reading(account, edition, edition.cursor(), day)


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
