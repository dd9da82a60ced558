"""Rule 20: GB/T 2260 codes, six digits: province (2), city (4), county (6).

110000 is a province, 110100 a city in it, 110101 a county in that. Where a code belongs is
read from its digits, so nothing here needs the list of regions except their names.

A few cities have no counties (441900 东莞市): there the city is itself the place that a
school belongs to. `seats` names all such places; counting by county must keep them.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

Level = Literal["province", "city", "county"]

CODE = re.compile(r"[1-9][0-9](?:0000|(?!00)[0-9]{4})")
HEADER = ["code", "name"]


class RegionError(ValueError):
    """A code is none, or has no such region above it, or the list of regions is broken."""


def level(code: str) -> Level:
    """What kind of region the code stands for.

    Raises:
        RegionError: it is not six digits, or is a county outside any city (as 110001).
    """
    if not CODE.fullmatch(code):
        raise RegionError(f"{code!r} is no region code: six digits, as 110000, 110100 or 110101")
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def province(code: str) -> str:
    """The province that the region lies in, or is. Raises RegionError as `level` does."""
    level(code)
    return code[:2] + "0000"


def city(code: str) -> str:
    """The city that the region lies in, or is.

    Raises:
        RegionError: as `level` does, and for a province.
    """
    if level(code) == "province":
        raise RegionError(f"{code!r} is a province and lies in no city")
    return code[:4] + "00"


def ancestors(code: str) -> tuple[str, ...]:
    """The regions that this one lies in, the province first. Raises RegionError as `level`."""
    if level(code) == "province":
        return ()
    return tuple(above for above in (province(code), city(code)) if above != code)


def prefix(code: str) -> str:
    """The digits that all codes inside the region begin with: 2, 4 or 6 of them."""
    digits = {"province": 2, "city": 4, "county": 6}
    return code[: digits[level(code)]]


def contains(region: str, code: str) -> bool:
    """Whether `code` is the region or lies in it. Raises RegionError as `level` does."""
    level(code)
    return code.startswith(prefix(region))


def seats(codes: Iterable[str]) -> list[str]:
    """The regions a school may belong to, sorted: counties, and cities that have none."""
    known = set(codes)
    counties = {code for code in known if level(code) == "county"}
    with_counties = {city(code) for code in counties}
    alone = {code for code in known if level(code) == "city"} - with_counties
    return sorted(counties | alone)


def load_regions(path: Path) -> dict[str, str]:
    """Names by code from a UTF-8 CSV file with the columns code and name, in its order.

    Raises:
        RegionError: the file is missing or broken; the message says where.
    """
    try:
        # csv may refuse a line only when it is reached, so all of them are read in here.
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RegionError(f"{path}: cannot be read as a UTF-8 CSV file: {error}") from error
    names: dict[str, str] = {}
    for line, row in enumerate(rows[1:], 2):
        _take(row, names, f"{path}:{line}")
    if rows[:1] != [HEADER] or not names:
        raise RegionError(f"{path}: must begin with the line code,name and list regions")
    _check_ancestors(names, path)
    return names


def _take(row: list[str], names: dict[str, str], where: str) -> None:
    if len(row) != 2 or not row[1].strip():
        raise RegionError(f"{where}: must be a code and a name, not {row}")
    code, name = row
    if code in names:
        raise RegionError(f"{where}: {code} is listed already")
    try:
        level(code)
    except RegionError as error:
        raise RegionError(f"{where}: {error}") from None
    names[code] = name


def _check_ancestors(names: Mapping[str, str], path: Path) -> None:
    for code in names:
        missing = [above for above in ancestors(code) if above not in names]
        if missing:
            raise RegionError(f"{path}: {code} lies in {', '.join(missing)}, not listed")
