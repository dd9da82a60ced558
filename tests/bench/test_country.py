"""The made-up country is one that a real loader could have left."""

import duckdb
import pytest
from click.testing import CliRunner

from bench.country.cli import country
from bench.country.stories import Step, stories
from pipeline.rules.programme import Programme
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from warehouse.publisher import checked

TEACHERS = 2000
CATALOGUE = load_catalogue(Settings().programmes_dir)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("country")
    done = CliRunner().invoke(country, ["make", "--teachers", str(TEACHERS), "--memory", "1GB",
                                        str(folder)])
    assert done.exit_code == 0, done.output
    return Settings(var_dir=folder)


def test_it_passes_every_check_of_a_publication(made: Settings) -> None:
    assert checked(made) == []


def test_it_is_as_large_as_asked_for_and_as_diligent(made: Settings) -> None:
    with duckdb.connect(made.snapshot_path, read_only=True) as db:
        assert db.execute("SELECT count(DISTINCT teacher_id) FROM teachers").fetchone() == (
            TEACHERS,)
        shares = db.execute("""
            SELECT count(enrolled_at) / 2000, count(started_at) / 2000, count(completed_at) / 2000
            FROM progress WHERE programme_id = '2023-summer'""").fetchone()
    assert shares == pytest.approx((0.92, 0.85, 0.60), abs=0.1)


def test_all_of_its_commands_work(made: Settings) -> None:
    for command in ("publish", "queries"):
        done = CliRunner().invoke(country, [command, str(made.var_dir)])
        assert done.exit_code == 0, done.output
    assert "one teacher's courses" in done.output


@pytest.mark.parametrize("programme", CATALOGUE.programmes.values(), ids=lambda one: one.id)
def test_rule_13_a_story_credits_no_more_than_is_required(programme: Programme) -> None:
    required = {course.id: course.required_seconds for course in programme.courses}
    last: dict[tuple[int, str], Step] = {}
    for step in stories(programme):
        if step.course_id is not None:
            assert step.credited == min(step.learned, required[step.course_id])
            last[step.story, step.course_id] = step
        if step.kind == "completed":
            assert all(last[step.story, course].credited == seconds
                       for course, seconds in required.items() if seconds)
