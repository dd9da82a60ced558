"""What measurements tell alike."""

from pathlib import Path

import orjson

from bench.figures import circumstances, keep, spread


def test_a_figure_has_its_median_and_range() -> None:
    assert spread([3000.4, 1000, 2000], ",.0f") == "2,000 (1,000–3,000)"
    assert spread([1.25], ".1f") == "1.2 (1.2–1.2)"


def test_what_was_asked_and_the_day_are_kept() -> None:
    kept = circumstances(["orjson"], {"runs": 3}, 1_690_000_000_000)
    assert (kept["date"], kept["asked"]) == ("2023-07-22", {"runs": 3})
    assert set(kept["versions"]) == {"python", "orjson"}


def test_the_file_has_every_run(tmp_path: Path) -> None:
    keep(tmp_path / "kept.json", [], {"runs": 2}, [{"cpu_s": 1.5}, {"cpu_s": 2.5}])
    kept = orjson.loads((tmp_path / "kept.json").read_bytes())
    assert [run["cpu_s"] for run in kept["runs"]] == [1.5, 2.5]
