"""The worker as a process of its own on the real broker: started, killed, doubled, stopped."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import lz4.block
import pytest
from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition

from demo.processes import Process, running
from pipeline.broker import lag, ports
from pipeline.broker.topics import connected
from pipeline.rules.programme import Catalogue, Resource
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.partitioning import bucket_of, partition_of
from pipeline.settings import Settings
from tests.worker.feed import PROGRAMME, ledger_without_repeats, watch_together

pytestmark = pytest.mark.kafka
TEACHERS = [f"t{number:05d}" for number in range(400)]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Settings().programmes_dir)


@pytest.fixture(scope="module")
def video(catalogue: Catalogue) -> Resource:
    return catalogue.resources["ideals-01"]


def environment(settings: Settings) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers or "",
        "XUESHI_TOPIC_PREFIX": settings.topic_prefix,
        "XUESHI_PARTITIONS": str(settings.partitions),
        "XUESHI_PLATFORM_KEY": settings.secret("platform_key"),
        "XUESHI_FLUSH_SECONDS": "0.2",
    }


@contextmanager
def worker(settings: Settings, port: int) -> Iterator[Process]:
    log = settings.var_dir / f"worker-{port}-{time.monotonic_ns()}"
    with running([f"worker --port {port}"], environment(settings), log) as (process,):
        yield process


def resource(settings: Settings, port: int, teacher: str, resource_id: str) -> httpx.Response:
    return _settled(settings, port, f"/v1/teachers/{teacher}/resources/{resource_id}")


def progress(settings: Settings, port: int, teacher: str) -> httpx.Response:
    return _settled(settings, port, f"/v1/teachers/{teacher}/progress")


def _settled(settings: Settings, port: int, path: str) -> httpx.Response:
    """The answer once partitions have come to rest (503 asks to try again)."""
    deadline = time.monotonic() + 40
    while (answer := _asked(settings, port, path)).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.3)
    return answer


def _asked(settings: Settings, port: int, path: str) -> httpx.Response:
    key = settings.secret("platform_key")
    return httpx.get(f"http://127.0.0.1:{port}{path}",
                     headers={"Authorization": f"Bearer {key}"}, timeout=10)


def wait_until_caught_up(settings: Settings, *workers: Process, patience_s: float = 60) -> None:
    topics = [settings.topic(name) for name in ("telemetry", "completions", "enrolments")]
    deadline = time.monotonic() + patience_s
    while lag.behind(settings.kafka_bootstrap_servers or "", settings.topic("worker"), topics):
        for one in workers:
            one.require_running()
        assert time.monotonic() < deadline, "the workers do not catch up"
        time.sleep(0.3)


def assert_everybody_has_the_credit(settings: Settings, *videos: Resource) -> None:
    books = ledger_without_repeats(settings)
    seconds = sum(video.credit_seconds for video in videos)
    for teacher in TEACHERS:
        assert sum(entry.seconds for entry in books[teacher, PROGRAMME]) == seconds
        last = books[teacher, PROGRAMME][-1]
        assert last.learned == seconds
        assert last.credited == min(seconds, 5400)


def test_rule_14_killed_again_and_again_it_loses_and_doubles_nothing(
    settings: Settings, catalogue: Catalogue, video: Resource
) -> None:
    watch_together(settings, catalogue, video, TEACHERS)
    for seconds in (5.0, 5.4, 6.1):  # Faust joins after some 4 s: these fall into its flushes
        with worker(settings, settings.worker_port) as victim:
            time.sleep(seconds)
            victim.popen.send_signal(signal.SIGKILL)
    with worker(settings, settings.worker_port) as last:
        wait_until_caught_up(settings, last)
    assert_everybody_has_the_credit(settings, video)


def test_rule_25_progress_is_answered_by_whichever_worker_is_asked(
    settings: Settings, catalogue: Catalogue, video: Resource
) -> None:
    watch_together(settings, catalogue, video, TEACHERS)
    chosen = ports.free()
    with ExitStack() as stack:
        both = [stack.enter_context(worker(settings, port)) for port in chosen]
        wait_until_caught_up(settings, *both)
        for port in chosen:
            answers = [progress(settings, port, teacher) for teacher in TEACHERS[:20]]
            assert all(_credited(answer) == video.credit_seconds for answer in answers)
            assert progress(settings, port, "nobody").status_code == 404
            one = resource(settings, port, TEACHERS[0], video.id)
            assert {of["state"] for of in one.json()["programmes"]} == {"done"}
            begins = resource(settings, port, "nobody", video.id).json()
            assert (begins["continue_at_ms"], begins["programmes"][0]["mark"]) == (0, "○")
            assert resource(settings, port, TEACHERS[0], "nothing").status_code == 404
            for teacher in TEACHERS[:8]:  # some of them are the other worker's
                _assert_asked_for_a_session(settings, port, catalogue, teacher, video)
        key_missing = httpx.get(f"http://127.0.0.1:{chosen[0]}/v1/teachers/t00001/progress")
        assert key_missing.status_code == 401
        both[0].popen.terminate()
        assert both[0].popen.wait(10) == 0, "SIGTERM must end it cleanly within 10 s"
        assert _credited(progress(settings, chosen[1], TEACHERS[0])) == video.credit_seconds


def _assert_asked_for_a_session(
    settings: Settings, port: int, catalogue: Catalogue, teacher: str, video: Resource
) -> None:
    """What is decided of a session, and whether watching counts at the moment asked for."""
    window = catalogue.programmes[PROGRAMME].window
    for session, at, heard in ((f"s-{video.id}-{teacher}", window.opens_at, True),
                               ("another", window.closes_at, False)):
        query = f"{video.id}?session={session}&at={at}"
        said = resource(settings, port, teacher, query).json()
        assert bool(said["heard"][:1] == [1]) is heard
        counting = {of["programme_id"]: of["counts_now"] for of in said["programmes"]}
        assert counting[PROGRAMME] is heard


def _credited(answer: httpx.Response) -> int:
    programmes = {one["programme_id"]: one for one in answer.json()["programmes"]}
    credited: int = programmes[PROGRAMME]["credited_seconds"]
    return credited


def test_state_it_cannot_read_ends_the_worker_with_a_clear_last_line(
    settings: Settings, catalogue: Catalogue, video: Resource
) -> None:
    partition = partition_of(TEACHERS[0], settings.partitions)
    number = bucket_of(TEACHERS[0], settings.partitions, settings.buckets)
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    producer.send(settings.topic("watching-changelog"), partition=partition,
                  key=b"%d" % number, value=b"\0" + lz4.block.compress(b'{"v":99}'))
    producer.close()
    watch_together(settings, catalogue, video, TEACHERS[:1])
    with worker(settings, settings.worker_port) as second:
        assert second.popen.wait(40) != 0
        last = second.log.read_text(encoding="utf-8").strip().splitlines()[-1]
    assert "worker ends: StateError: state version 99; this build reads 2" in last


def test_rule_14_offsets_committed_too_far_lose_nothing(
    settings: Settings, catalogue: Catalogue, video: Resource
) -> None:
    """How far the input is decided stands with the state; what the group says is a hint."""
    watch_together(settings, catalogue, video, TEACHERS)
    kafka = settings.kafka_bootstrap_servers or ""
    group, telemetry = settings.topic("worker"), settings.topic("telemetry")
    ends = {place: end - 1 for place, end in lag.ends(kafka, [telemetry]).items()}
    with connected(kafka) as admin:
        admin.alter_group_offsets(group, {
            TopicPartition(*place): OffsetAndMetadata(end, "", None)
            for place, end in ends.items()})
    assert lag.behind(kafka, group, [telemetry]) == len(ends)
    with worker(settings, settings.worker_port) as process:
        wait_until_caught_up(settings, process)
        said = process.log.read_text(encoding="utf-8")
    assert "were not delivered" not in said, "it reads from where its state stands"
    assert_everybody_has_the_credit(settings, video)


def test_rule_14_a_worker_that_was_stopped_and_wakes_up_harms_nothing(
    settings: Settings, catalogue: Catalogue, video: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP for longer than the session lasts, in the middle of work; then SIGCONT."""
    monkeypatch.setenv("XUESHI_SESSION_TIMEOUT_SECONDS", "6")
    chosen = ports.free()
    with worker(settings, chosen[0]) as sleeper:
        sleeper.wait_ready(f"http://127.0.0.1:{chosen[0]}/v1/teachers/nobody/progress")
        progress(settings, chosen[0], "nobody")
        watch_together(settings, catalogue, video, TEACHERS)
        time.sleep(0.4)  # so that it has begun, and not finished
        sleeper.popen.send_signal(signal.SIGSTOP)
        with worker(settings, chosen[1]) as present:
            wait_until_caught_up(settings, present)
            sleeper.popen.send_signal(signal.SIGCONT)
            watch_together(settings, catalogue, catalogue.resources["ideals-02"], TEACHERS, hour=2)
            wait_until_caught_up(settings, present)
            present.popen.send_signal(signal.SIGKILL)  # what it wrote must outlive it
            said = present.log.read_text(encoding="utf-8")
    assert f"owns partitions {[*range(settings.partitions)]}" in said, "it had replaced it"
    with worker(settings, chosen[1]) as last:
        watch_together(settings, catalogue, catalogue.resources["ideals-03"], TEACHERS, hour=4)
        wait_until_caught_up(settings, last)
    videos = [catalogue.resources[f"ideals-0{number}"] for number in (1, 2, 3)]
    assert_everybody_has_the_credit(settings, *videos)


def test_a_taken_port_is_said_in_one_line(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.worker_port)):
        ended = subprocess.run(
            [sys.executable, "-m", "pipeline", "worker", "--port", str(settings.worker_port)],
            env=environment(settings), capture_output=True, text=True, timeout=30, check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines() == [
        f"Error: port {settings.worker_port} of 127.0.0.1 is taken: choose another with --port"
    ]


def test_an_unreachable_broker_is_said_in_one_line(settings: Settings) -> None:
    (closed, _) = ports.free()
    ended = subprocess.run(
        [sys.executable, "-m", "pipeline", "worker"], capture_output=True, text=True, timeout=60,
        env={**environment(settings), "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{closed}"},
        check=False,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert f"127.0.0.1:{closed}" in ended.stderr
