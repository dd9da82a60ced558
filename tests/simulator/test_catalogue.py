from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.catalogue import Catalogue, CatalogueError, read_catalogue


def test_reads_windows_and_credit(small: Catalogue) -> None:
    main = small.main
    assert main.id == "2022-summer"
    assert main.opens_at == datetime(2022, 7, 13, 16, tzinfo=UTC).timestamp() * 1000
    own = next(course for course in main.courses if course.id == "own")
    assert own.required_seconds == 2000
    assert [video.credit_seconds for video in own.videos] == [900, 1500, 100]
    assert [quiz.at_ms for quiz in own.videos[1].quizzes] == [400_000, 1_500_000]


def test_rule_5_a_shared_course_has_the_resources_of_the_earlier_programme(
    small: Catalogue,
) -> None:
    shared = next(course for course in small.main.courses if course.id == "shared")
    assert small.earlier is small.programmes["2022-ethics"]
    assert [resource.id for resource in shared.resources] == ["s1", "s2", "s3"]
    assert [programme.id for programme in small.listing("s1")] == ["2022-ethics", "2022-summer"]


def test_rule_4_a_text_is_no_video_and_worth_nothing(small: Catalogue) -> None:
    text = next(r for r in small.programmes["2022-ethics"].courses[0].resources if r.id == "s3")
    assert (text.is_text, text.duration_ms, text.credit_seconds) == (True, 300_000, 0)
    assert "s3" not in {video.id for video in small.main.videos}


def test_the_real_programmes_can_be_simulated(real: Catalogue) -> None:
    assert real.main.id == "2023-summer"
    assert sum(course.required_seconds for course in real.main.courses) == 10 * 2700
    for course in real.main.courses:
        assert sum(video.credit_seconds for video in course.videos) >= course.required_seconds


@pytest.mark.parametrize("line", [
    'quiz = "completed"', "credit_before_enrolment = false", "gap_tolerance_ms = 60000",
    "quiz_attempts = 1", "[clock]\nmax_rate = 4.0", "[clock]\noffline_grace_seconds = 60",
])
def test_other_rules_than_the_truth_knows_are_refused(programmes: Path, line: str) -> None:
    file = programmes / "main.toml"
    text = file.read_text(encoding="utf-8")
    where = "\n[[courses]]" if line.startswith("[") else "\n[window]"
    file.write_text(text.replace(where, f"\n{line}\n{where}", 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match="2022-summer: the simulator knows the truth only"):
        read_catalogue(programmes)


@pytest.mark.parametrize("content", ["not = = toml", 'id = "x"', 'id = "x"\nwindow = 3'])
def test_a_broken_file_is_one_clear_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.toml").write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match="a programme file is not valid"):
        read_catalogue(tmp_path)


def test_no_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no programme file"):
        read_catalogue(tmp_path)
