"""What is written about rosters names every header that is understood, and no other kind."""

import pytest

from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.regions import load_regions
from pipeline.settings import ROOT, Settings
from registry.forms import Form, forms

ROSTER = (ROOT / "docs" / "how-to" / "roster.md").read_text(encoding="utf-8")
TABLES = [line for line in ROSTER.splitlines() if line.startswith("|")][2:]


def known() -> tuple[Form, ...]:
    settings = Settings()
    return forms(load_catalogue(settings.programmes_dir), load_regions(settings.regions_file))


@pytest.mark.parametrize("form", known(), ids=lambda form: form.kind)
def test_every_header_of_a_table_stands_in_one_line(form: Form) -> None:
    """Columns that may be missing stand in brackets."""
    wanted = [(header, column.required) for column in form.columns for header in column.headers]

    def says(line: str) -> bool:
        bare = "".join(part.split("]")[-1] for part in line.split("["))
        return all(f"`{header}`" in (bare if required else line) for header, required in wanted)

    assert any(says(line) for line in TABLES)


def test_there_is_a_line_for_each_table_and_no_other() -> None:
    assert len(TABLES) == len(known())
