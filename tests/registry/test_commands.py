"""`xueshi roster import` and `xueshi adjust` as an administrator runs them, on the real broker."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.schemas.adjustments import ADJUSTMENT, Grant, Reversal
from pipeline.schemas.roster import ROSTER, School, Teacher
from pipeline.settings import Settings
from tests.simulator.reading import read_topic

pytestmark = pytest.mark.kafka


def xueshi(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments], capture_output=True, text=True,
        timeout=60, check=False, env={
            "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers or "",
            "XUESHI_TOPIC_PREFIX": settings.topic_prefix,
            "XUESHI_PARTITIONS": str(settings.partitions), "PATH": "",
        })


def values(settings: Settings, topic: str) -> list[bytes]:
    kafka = settings.kafka_bootstrap_servers or ""
    return [value for _, _, value in read_topic(kafka, settings.topic(topic))]


def test_a_roster_is_imported_whole(settings: Settings, tmp_path: Path) -> None:
    for name, text in (("学校.csv", "学校代码,地区代码,学校名称\ns1,110101,第一中学\n"),
                       ("教师.csv", "教师账号,学校代码\nt1,s1\nt2,s1\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        done = xueshi(settings, "roster", "import", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
    assert done.stdout == "2 Teacher sent\n"
    records = [ROSTER.validate_json(value) for value in values(settings, "roster")]
    assert [type(record) for record in records] == [School, Teacher, Teacher]


def test_with_a_single_fault_nothing_is_imported(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "教师.csv"
    path.write_text("教师账号,学校代码\nt1,s1\nt2\n", encoding="utf-8")
    done = xueshi(settings, "roster", "import", str(path))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "教师.csv, line 3: 学校代码: missing",
        "Error: 教师.csv: 1 faults: nothing was imported; mend them all"]
    assert values(settings, "roster") == []


def test_a_dry_run_sends_nothing(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "教师.csv"
    path.write_text("教师账号,学校代码\nt1,s1\n", encoding="utf-8")
    done = xueshi(settings, "roster", "import", "--dry-run", str(path))
    assert (done.returncode, done.stdout) == (
        0, "教师.csv: 1 records, all good; nothing was sent\n")
    assert values(settings, "roster") == []


def test_a_decision_and_its_reversal(settings: Settings) -> None:
    who = ("t1", "--programme", "2023-summer", "--by", "admin-1", "--reason", "现场研修")
    granted = xueshi(settings, "adjust", "grant", *who, "--course", "ideals", "--seconds", "2700")
    assert granted.returncode == 0, granted.stderr
    (grant,) = [ADJUSTMENT.validate_json(value) for value in values(settings, "adjustments")]
    assert isinstance(grant, Grant)
    assert grant.adjustment_id in granted.stdout
    done = xueshi(settings, "adjust", "reverse", *who, "--adjustment", grant.adjustment_id)
    assert done.returncode == 0, done.stderr
    reversal = ADJUSTMENT.validate_json(values(settings, "adjustments")[-1])
    assert isinstance(reversal, Reversal)
    assert reversal.reverses == grant.adjustment_id


@pytest.mark.parametrize(("programme", "course", "said"), [
    ("1999", "ideals", "no programme 1999: there are"),
    ("2023-summer", "none", "no course none: 2023-summer has ideals"),
])
def test_what_does_not_exist_is_one_line(
    settings: Settings, programme: str, course: str, said: str
) -> None:
    done = xueshi(settings, "adjust", "grant", "t1", "--programme", programme, "--by", "a",
                  "--reason", "b", "--course", course, "--seconds", "1")
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
