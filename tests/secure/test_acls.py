"""Each process runs with the rights of its role, and is refused beyond them."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TransactionalIdAuthorizationFailed
from click.testing import CliRunner
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ACLFilter, ACLOperation, ACLPermissionType
from kafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from demo.draining import wait_until_published
from demo.environment import environment
from demo.processes import Process, running
from demo.workers_table import read_table
from pipeline.broker import acls, wire
from pipeline.broker.errors import BrokerError
from pipeline.broker.topics import connected
from pipeline.cli import commands
from pipeline.schemas.access import ROLES, Role
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.topics import TOPICS
from pipeline.settings import Settings
from simulator.comparison import Actual, compare
from simulator.play import PlayResult, play
from tests.secure.roles import Roles
from warehouse.teachers import published_teachers

pytestmark = pytest.mark.kafka
TEACHERS, HEARTBEATS = 16, 4000
ROLE = {role.name: role for role in ROLES}


def test_the_whole_path_runs_with_each_process_as_its_own_user(roles: Roles) -> None:
    base = roles.base
    logs = base.var_dir / "logs"
    with ExitStack() as stack:
        stack.enter_context(running(["publisher"], _without_kafka(base), logs))
        collector, worker, _ = processes = [
            stack.enter_context(running([name], environment(roles.settings(name)), logs))[0]
            for name in ("collector", "worker", "loader")]
        collector.wait_ready(f"http://127.0.0.1:{base.collector_port}/readyz")
        worker.wait_ready(f"http://127.0.0.1:{base.worker_port}/v1/teachers/nobody/progress")
        played = _play(roles.settings("registrar"))
        _put_on_the_wrong_partition(roles, Enrolment(
            teacher_id="late", programme_id="2023-summer", at=1_689_300_000_000))
        _put_garbage_before_the_loader(roles)
        _wait_until_published(roles, processes)
        _assert_everybody_has_the_truth(base, played)
        teacher = played.truth[0].teacher_id
        _assert_commands_work(roles, teacher)
        _wait_until_published(roles, processes)
        said = "".join(one.log.read_text("utf-8") for one in processes)
    assert "uthorizationFailed" not in said


def _without_kafka(base: Settings) -> dict[str, str]:
    """The publisher's: where Kafka is it does not know, and needs not."""
    return {key: value for key, value in environment(base).items() if "KAFKA" not in key}


def _play(registrar: Settings) -> PlayResult:
    url = f"http://127.0.0.1:{registrar.collector_port}"
    return asyncio.run(play(registrar, url, TEACHERS, 3, HEARTBEATS, lambda _: None))


def _put_on_the_wrong_partition(roles: Roles, enrolment: Enrolment) -> None:
    """The worker refuses it, and a replay puts it where it belongs."""
    wrong = 1 + partition_of(enrolment.teacher_id, roles.base.partitions)
    with KafkaProducer(**wire.client(roles.address("registrar"))) as producer:
        producer.send(roles.base.topic("enrolments"), enrolment.to_json(),
                      partition=wrong % roles.base.partitions).get(20)


def _put_garbage_before_the_loader(roles: Roles) -> None:
    """Which has to hand it to the rejections."""
    with KafkaProducer(**wire.client(roles.address("replayer"))) as producer:
        producer.send(roles.base.topic("ledger"), b"garbage", partition=0).get(20)


def _wait_until_published(roles: Roles, processes: list[Process]) -> None:
    def look(*_: int) -> None:
        for process in processes:
            process.require_running()

    wait_until_published(roles.base, roles.address("auditor"), look, 120)


def _assert_everybody_has_the_truth(base: Settings, played: PlayResult) -> None:
    teachers = [teacher.teacher_id for teacher in played.truth]
    served = asyncio.run(read_table(f"http://127.0.0.1:{base.worker_port}",
                                    base.secret("platform_key"), teachers))
    published = published_teachers(base.published_dir)
    assert compare(played.truth, served) == []
    assert compare(played.truth, Actual(published.courses, published.recognised)) == []
    assert any(seconds for seconds in published.recognised.values())


def _assert_commands_work(roles: Roles, teacher: str) -> None:
    """What people run, each as the role that is written beside it; and not as another one."""
    adjust = ["adjust", "hold", teacher, "--programme", "2023-summer", "--by", "a", "--reason", "r"]
    explain = ["explain", teacher, "ideals-01", "--worker", "none"]
    replay = ["rejections", "replay", "--reason", "wrong_partition"]
    for role, command in {
        "registrar": adjust, "auditor": explain, "replayer": replay,
    }.items():
        done = _xueshi(roles.settings(role), *command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "sent 1 rejections" in done.stdout
    for command in (["rebuild"], ["rejections", "count"]):
        done = _xueshi(roles.settings("auditor"), *command)
        assert done.returncode == 0, done.stdout + done.stderr
    for role, command in (("collector", adjust), ("registrar", explain), ("loader", ["rebuild"]),
                          ("auditor", adjust)):
        done = _xueshi(roles.settings(role), *command)
        assert done.returncode != 0, (role, command)
        assert "Traceback" not in done.stderr


def _xueshi(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pipeline", *arguments], text=True,
                          capture_output=True, timeout=120, check=False,
                          env={"PATH": "", **environment(settings)})


@pytest.mark.parametrize("name", ROLE)
def test_nobody_may_write_or_read_beyond_the_role(name: str, roles: Roles) -> None:
    role = ROLE[name]
    for topic in TOPICS:
        full = roles.base.topic(topic.name)
        if topic not in role.writes:
            assert isinstance(_written(roles, role, full), TopicAuthorizationFailedError), full
        if topic not in role.reads:
            assert not _can_read(roles, role, full), full


def _written(roles: Roles, role: Role, topic: str) -> KafkaError | None:
    with KafkaProducer(**wire.client(roles.address(role.name)), enable_idempotence=False,
                       max_block_ms=5000, allow_auto_create_topics=False) as producer:
        return _error(lambda: producer.send(topic, b"forged", partition=0).get(10))


def _can_read(roles: Roles, role: Role, topic: str) -> bool:
    """A topic that one may not even describe does not exist for one."""
    consumer = KafkaConsumer(**wire.client(roles.address(role.name)), enable_auto_commit=False)
    if topic not in consumer.topics():
        consumer.close()
        return False
    place = TopicPartition(topic, 0)
    consumer.assign([place])
    consumer.seek(place, 0)
    return not isinstance(_polled(consumer), TopicAuthorizationFailedError)


def _polled(consumer: Any) -> KafkaError | None:
    def poll() -> None:
        for _ in range(20):
            consumer.poll(500)

    try:
        return _error(poll)
    finally:
        consumer.close(autocommit=False)


def _error(attempt: Callable[[], Any]) -> KafkaError | None:
    try:
        attempt()
    except KafkaError as error:
        return error
    return None


@pytest.mark.parametrize("name", [role.name for role in ROLES if not role.joins])
def test_nobody_else_may_join_the_workers(name: str, roles: Roles) -> None:
    """Or move where they stand: offsets of the group are its members'."""
    group, place = roles.base.topic("worker"), TopicPartition(roles.base.topic("telemetry"), 0)
    assert GroupAuthorizationFailedError in _moving(roles.address(name), group, place)
    consumer = KafkaConsumer(roles.base.topic("rejections"), group_id=group,
                             **wire.client(roles.address("loader")))
    assert isinstance(_polled(consumer), GroupAuthorizationFailedError)


def _moving(address: str, group: str, place: TopicPartition) -> list[Any]:
    """The errors with which it is refused."""
    try:
        with connected(address) as admin:
            moved = admin.alter_group_offsets(group, {place: OffsetAndMetadata(0, "", None)})
            return [*moved.values()]
    except BrokerError as error:
        return [type(error.__cause__)]


@pytest.mark.parametrize("name", [role.name for role in ROLES if not role.transactions])
def test_nobody_else_may_fence_a_worker_out(name: str, roles: Roles) -> None:
    """Whoever opens a partition's transactional id ends the worker that owns it (ADR 13)."""
    transactions = f"{roles.base.topic('watching-changelog')}-0"

    async def open_it() -> None:
        producer = AIOKafkaProducer(**wire.client(roles.address(name)),
                                    transactional_id=transactions)
        try:
            await producer.start()
        finally:
            await producer.stop()

    with pytest.raises(TransactionalIdAuthorizationFailed):
        asyncio.run(open_it())


@pytest.mark.parametrize("name", ROLE)
def test_nobody_may_change_topics_users_or_rights(name: str, roles: Roles) -> None:
    rule = acls.Rule(roles.user(name), "ALL", "TOPIC", "secure.", prefixed=True)
    with connected(roles.address(name)) as admin:
        created = admin.create_topics({"secure.more": {"num_partitions": 1}}, raise_errors=False)
        deleted = admin.delete_topics([roles.base.topic("ledger")], raise_errors=False)
        granted = admin.create_acls([acls._acl(rule)])
    assert created["topics"][0]["error_code"] == TopicAuthorizationFailedError.errno
    assert deleted["topics"][0]["error_code"] == TopicAuthorizationFailedError.errno
    assert granted["failed"] == [ClusterAuthorizationFailedError]


def test_what_is_missing_and_what_goes_beyond_is_found(
    roles: Roles, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in environment(roles.kafka.settings(roles.base)).items():
        monkeypatch.setenv(key, value)
    assert CliRunner().invoke(commands, ["topics", "acls", "--check"]).exit_code == 0
    removed = acls.Rule("xueshi-loader", "READ", "TOPIC", roles.base.topic("ledger"))
    more = acls.Rule("xueshi-loader", "WRITE", "TOPIC", roles.base.topic("ledger"))
    with connected(roles.admin) as admin:
        admin.create_acls([acls._acl(more)])
        admin.delete_acls([_filter(removed)])
    found = CliRunner().invoke(commands, ["topics", "acls", "--check"])
    assert found.exit_code == 1
    assert found.stderr.splitlines() == [f"missing: {removed}", f"beyond the catalogue: {more}"]
    applied = CliRunner().invoke(commands, ["topics", "acls", "--apply"])
    assert (applied.exit_code, applied.stdout) == (1, f"added {removed}\n")
    with connected(roles.admin) as admin:
        admin.delete_acls([_filter(more)])
    again = CliRunner().invoke(commands, ["topics", "acls", "--apply"])
    assert (again.exit_code, again.stdout.startswith("added")) == (0, False)


def _filter(rule: acls.Rule) -> Any:
    acl = acls._acl(rule)
    return ACLFilter(acl.principal, acl.host, ACLOperation[rule.operation],
                     ACLPermissionType.ALLOW, acl.resource_pattern)


def test_the_page_says_the_same_as_the_catalogue() -> None:
    """Every role with its commands stands in the table of docs/how-to/secure.md."""
    page = Path(__file__).parents[2].joinpath("docs", "how-to", "secure.md").read_text("utf-8")
    for role in ROLES:
        assert f"| `{acls.USERS.format(role=role.name)}` |" in page
