"""Real region codes, as the simulator reads them: by itself (rule 20)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import ROOT

REGIONS_FILE = ROOT / "data" / "gbt2260.csv"


@dataclass(frozen=True, slots=True)
class Places:
    """Names by six-digit code."""

    names: Mapping[str, str]

    @property
    def provinces(self) -> list[str]:
        return [code for code in self.names if code.endswith("0000")]

    def seats(self, province: str) -> list[str]:
        """Where schools of the province can be: its counties, and its cities without any."""
        inside = [code for code in self.names if code[:2] == province[:2] and code != province]
        with_counties = {code[:4] for code in inside if not code.endswith("00")}
        return [code for code in inside
                if not (code.endswith("00") and code[:4] in with_counties)]

    def line(self, seat: str) -> list[str]:
        """The seat with all regions that it lies in, the province first."""
        codes = (seat[:2] + "0000", seat[:4] + "00", seat)
        return [code for code in dict.fromkeys(codes) if code in self.names]


def read_places(file: Path = REGIONS_FILE) -> Places:
    """The list of regions, `code,name` with a header."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return Places({row["code"]: row["name"] for row in csv.DictReader(lines)})
