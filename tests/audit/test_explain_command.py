"""`xueshi explain` as it is typed: on a real Kafka, beside a real worker."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from kafka import KafkaProducer, TopicPartition
from pydantic import SecretStr

from audit.explain_cli import explain_command
from demo.processes import Process, running
from pipeline.broker.topics import connected
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.adjustments import Grant
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.roster import Teacher
from pipeline.settings import Settings
from tests.worker.feed import watch_together

pytestmark = pytest.mark.kafka

VIDEO = "ideals-01"
TEACHERS = ["t1", "t2", "t3"]


def environment(settings: Settings, **more: str) -> dict[str, str]:
    key = settings.platform_key
    return {
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers or "",
        "XUESHI_TOPIC_PREFIX": settings.topic_prefix,
        "XUESHI_PARTITIONS": str(settings.partitions),
        "XUESHI_PROGRAMMES_DIR": str(settings.programmes_dir),
        "XUESHI_VAR_DIR": str(settings.var_dir),
        "XUESHI_WORKER_PORT": str(settings.worker_port),
        **({"XUESHI_PLATFORM_KEY": key.get_secret_value()} if key else {}),
        **more,
    }


def explained(settings: Settings, *arguments: str, **more: str) -> Result:
    return CliRunner().invoke(explain_command, arguments, env=environment(settings, **more))


def as_json(result: Result) -> dict[str, object]:
    assert result.exit_code in (0, 2), result.output
    made: dict[str, object] = json.loads(result.stdout)
    return made


def live(result: Result) -> object:
    standing = as_json(result)["live"]
    assert isinstance(standing, dict)
    return standing["standing"]


@pytest.fixture
def watched(settings: Settings) -> Settings:
    """Settings of a Kafka on which three teachers have watched the video."""
    catalogue = load_catalogue(settings.programmes_dir)
    watch_together(settings, catalogue, catalogue.resources[VIDEO], TEACHERS)
    return settings


@contextmanager
def worker(settings: Settings) -> Iterator[Process]:
    command = [f"worker --port {settings.worker_port}"]
    more = {"XUESHI_FLUSH_SECONDS": "0.2"}
    with running(command, environment(settings, **more), settings.var_dir / "log") as (process,):
        until_it_answers(settings, process)
        yield process


def until_it_answers(settings: Settings, process: Process) -> None:
    url = f"http://127.0.0.1:{settings.worker_port}/v1/teachers/t1/progress"
    key = {"Authorization": f"Bearer {settings.secret('platform_key')}"}
    deadline = time.monotonic() + 60
    while not _answers(url, key):
        process.require_running()
        assert time.monotonic() < deadline, "the worker does not answer"
        time.sleep(0.2)


def _answers(url: str, headers: dict[str, str]) -> bool:
    try:
        return httpx.get(url, headers=headers).status_code in (200, 404)
    except httpx.HTTPError:
        return False


def test_the_answer_in_words_and_for_machines(watched: Settings) -> None:
    page = explained(watched, "t1", VIDEO, "--now", "2023-08-20 12:00")
    assert page.exit_code == 0, page.output
    assert "【2023年暑假教师研修】思想铸魂　✔ 已完成，已计学时\n" in page.stdout
    made = as_json(explained(watched, "t1", VIDEO, "--json"))
    assert made["teacher_id"] == "t1"
    assert made["live"] == {"standing": "no_answer", "differences": [],
                            "detail": made["live"]["detail"]}  # type: ignore[index]
    evidence = made["evidence"]
    assert isinstance(evidence, dict)
    assert evidence["whole"]
    assert evidence["records"] > 0


@pytest.mark.parametrize(("arguments", "line"), [
    (("nobody", VIDEO), "nothing is stored of a teacher 'nobody', not even on the roster: "
                        "check the account id (it is no name and no phone number)"),
    (("t1", "ideals-1"), "no programme lists the resource 'ideals-1'; did you mean 'ideals-t1'?"),
])
def test_who_and_what_is_unknown_is_one_line(
    watched: Settings, arguments: tuple[str, str], line: str
) -> None:
    result = explained(watched, *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {line}\n"


def test_wrong_partitions_would_look_in_the_wrong_place(watched: Settings) -> None:
    result = explained(watched, "t1", VIDEO, XUESHI_PARTITIONS="3")
    assert result.exit_code == 1
    assert result.stderr == (f"Error: {watched.topic('telemetry')} has 4 partitions, not 3: "
                             "set XUESHI_PARTITIONS=4\n")


def test_no_kafka_is_one_line(settings: Settings) -> None:
    result = explained(settings, "t1", VIDEO, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: no Kafka answers at 127.0.0.1:9")
    assert len(result.stderr.splitlines()) == 1


def test_a_teacher_of_whom_only_the_roster_knows(settings: Settings) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    producer.send(settings.topic("roster"), partition=0, value=Teacher(
        teacher_id="t9", school_id="s1", at=5).to_json())
    producer.close()
    result = explained(settings, "t9", VIDEO)
    assert result.exit_code == 0
    assert "系统没有收到过这位教师打开这个资源的记录。" in result.stdout


def test_what_was_not_read_is_said(watched: Settings) -> None:
    result = explained(watched, "t1", VIDEO, "--since", "2100-01-01")
    assert result.exit_code == 0
    assert "只查了2100-01-01 00:00以后存入的记录，结论可能不完整。" in result.stdout


def test_what_kafka_has_deleted_is_said_and_not_held_against_the_worker(
    watched: Settings
) -> None:
    place = TopicPartition(watched.topic("telemetry"), partition_of("t1", watched.partitions))
    with connected(watched.kafka_bootstrap_servers or "") as admin:
        admin.delete_records({place: 2})
    result = explained(watched, "t1", VIDEO, "--json")
    assert live(result) == "not_asked"
    evidence = as_json(result)["evidence"]
    assert isinstance(evidence, dict)
    assert (evidence["whole"], evidence["first_offset"]) == (False, 2)


def test_a_worker_that_shows_the_same_agrees_and_one_that_does_not_is_an_alarm(
    watched: Settings, tmp_path: Path
) -> None:
    """It is asked about teachers with and without adjustments; then by somebody whose programme
    files have a longer video.
    """
    grant(watched, "t2")
    with worker(watched) as process:
        results = [explained(watched, teacher, VIDEO, "--json") for teacher in TEACHERS]
        process.require_running()
        assert [live(result) for result in results] == ["agrees"] * 3
        assert {result.exit_code for result in results} == {0}
        assert ["核查" in result.stdout for result in results] == [False, True, False]
        asked_wrongly = watched.model_copy(update={
            "platform_key": SecretStr("not-the-key-of-the-platform")})
        assert live(explained(asked_wrongly, "t1", VIDEO, "--json")) == "no_answer"
        keyless = watched.model_copy(update={"platform_key": None})
        assert live(explained(keyless, "t1", VIDEO, "--json")) == "not_asked"
        assert live(explained(watched, "t1", VIDEO, "--json", "--worker", "none")) == "not_asked"
        stricter = watched.model_copy(update={"programmes_dir": _longer(watched, tmp_path)})
        differing = explained(stricter, "t1", VIDEO)
    assert differing.exit_code == 2
    assert differing.stdout.startswith("！！！系统现在显示的结果与存储的记录不一致。\n")
    assert f"！2023-summer/{VIDEO}/state：按记录应为 started，系统显示 done\n" in differing.stdout


def grant(settings: Settings, teacher: str) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    producer.send(
        settings.topic("adjustments"), partition=partition_of(teacher, settings.partitions),
        value=Grant(adjustment_id="a1", teacher_id=teacher, programme_id="2023-summer", by="wang",
                    reason="核查", at=5, course_id="ideals", seconds=600).to_json())
    producer.close()


def _longer(settings: Settings, tmp_path: Path) -> Path:
    """The programme files with the video a minute longer."""
    folder = tmp_path / "longer"
    shutil.copytree(settings.programmes_dir, folder)
    file = folder / "2023-ethics.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count("duration_seconds = 2040") == 1
    file.write_text(text.replace("duration_seconds = 2040", "duration_seconds = 2100"),
                    encoding="utf-8")
    return folder
