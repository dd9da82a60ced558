"""Kafka's jars: fetched from a Maven repository (a real one, served here), verified, cached."""

import hashlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.broker.distribution import VERSION, Jar, class_path, default_cache, listed
from pipeline.broker.errors import BrokerError

CONTENT = {"first": b"the first jar", "second": b"the second jar" * 10_000}
JARS = tuple(
    Jar(hashlib.sha256(content).hexdigest(), "org.example", name, "1.0")
    for name, content in CONTENT.items()
)
NOWHERE = {"central": "http://127.0.0.1:9"}


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


class CutShort(Handler):
    """Promises more bytes than it sends, as a broken line does."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"half a jar")


def write_repository(folder: Path) -> None:
    for name, content in CONTENT.items():
        place = folder / "org" / "example" / name / "1.0"
        place.mkdir(parents=True)
        (place / f"{name}-1.0.jar").write_bytes(content)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write_repository(tmp_path / "files")
    return tmp_path / "files"


def serve(handler: partial[Handler] | type[Handler]) -> Iterator[dict[str, str]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield {"central": f"http://127.0.0.1:{server.server_port}"}
        server.shutdown()
        thread.join()


@pytest.fixture
def repository(files: Path) -> Iterator[dict[str, str]]:
    yield from serve(partial(Handler, directory=str(files)))


@pytest.fixture
def broken_line() -> Iterator[dict[str, str]]:
    yield from serve(CutShort)


@pytest.fixture
def no_mvn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def cached(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / VERSION).iterdir())


def test_the_list_pins_kafka_and_its_logging() -> None:
    jars = listed()
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in jars)
    assert len({jar.filename for jar in jars}) == len(jars) == 45
    versions = {jar.artifact: jar.version for jar in jars}
    assert versions["kafka_2.13"] == versions["kafka-clients"] == VERSION
    logging = {versions[f"log4j-{part}"] for part in ("api", "core", "slf4j-impl")}
    assert len(logging) == 1


def test_jars_are_fetched_once_and_then_used_without_network(
    tmp_path: Path, repository: dict[str, str], no_mvn: None
) -> None:
    seen: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        seen.append((done, total))

    first = class_path(tmp_path, jars=JARS, repositories=repository, progress=report)
    assert [Path(path).read_bytes() for path in first.split(":")] == list(CONTENT.values())
    assert seen == [(1, 2), (2, 2)]
    assert cached(tmp_path) == ["first-1.0.jar", "second-1.0.jar"]
    assert class_path(tmp_path, jars=JARS, repositories=NOWHERE) == first


def test_a_jar_other_than_the_known_one_is_refused_by_name(
    tmp_path: Path, repository: dict[str, str], files: Path
) -> None:
    (files / "org/example/second/1.0/second-1.0.jar").write_bytes(b"something else")
    with pytest.raises(BrokerError, match=r"second-1\.0\.jar: fetched with sha256 [0-9a-f]{64}"):
        class_path(tmp_path, jars=JARS, repositories=repository)
    assert cached(tmp_path) == []


def test_a_damaged_jar_in_the_cache_is_fetched_again(
    tmp_path: Path, repository: dict[str, str]
) -> None:
    path = class_path(tmp_path, jars=JARS, repositories=repository)
    (tmp_path / VERSION / "first-1.0.jar").write_bytes(b"cut sh")
    assert class_path(tmp_path, jars=JARS, repositories=repository) == path
    assert (tmp_path / VERSION / "first-1.0.jar").read_bytes() == CONTENT["first"]


def test_a_damaged_jar_without_network_is_named(
    tmp_path: Path, repository: dict[str, str], no_mvn: None
) -> None:
    class_path(tmp_path, jars=JARS, repositories=repository)
    (tmp_path / VERSION / "first-1.0.jar").write_bytes(b"cut sh")
    with pytest.raises(BrokerError, match=r"wrong sha256 there \(first-1\.0\.jar\)"):
        class_path(tmp_path, jars=JARS, repositories=NOWHERE)


def test_no_reach_and_no_cache_names_both_ways_out(tmp_path: Path, no_mvn: None) -> None:
    with pytest.raises(BrokerError, match="mvn: it is not installed") as caught:
        class_path(tmp_path, jars=JARS, repositories=NOWHERE)
    assert "reach Maven Central" in str(caught.value)
    assert "KAFKA_BOOTSTRAP_SERVERS" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_download_cut_short_leaves_nothing_behind(
    tmp_path: Path, broken_line: dict[str, str], no_mvn: None
) -> None:
    with pytest.raises(BrokerError, match="could not be fetched"):
        class_path(tmp_path, jars=JARS, repositories=broken_line)
    assert cached(tmp_path) == []


MVN = """#!/bin/sh
for argument; do case $argument in -DoutputDirectory=*) into=${argument#*=};; esac; done
for name in first second; do
  /bin/grep -q "<artifactId>$name</artifactId><version>1.0</version>" pom.xml || exit 1
  /bin/cp FILES/org/example/$name/1.0/$name-1.0.jar "$into"
done
"""


def put_mvn(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "mvn").write_text(script)
    (folder / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_mvn_is_the_second_way(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_mvn(tmp_path / "bin", MVN.replace("FILES", str(files)), monkeypatch)
    class_path(tmp_path, jars=JARS, repositories=NOWHERE)
    assert cached(tmp_path) == ["first-1.0.jar", "second-1.0.jar"]


def test_when_mvn_fails_too_its_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_mvn(tmp_path / "bin", "#!/bin/sh\necho '[ERROR] no such host'\nexit 1\n", monkeypatch)
    with pytest.raises(BrokerError, match=r"by mvn: \[ERROR\] no such host"):
        class_path(tmp_path, jars=JARS, repositories=NOWHERE)


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BrokerError, match="set XDG_CACHE_HOME"):
        class_path(tmp_path / "file", jars=JARS, repositories=NOWHERE)


@pytest.mark.parametrize(("xdg", "expected"), [
    ("/some/where", "/some/where/xueshi/kafka"),
    ("", "/new/home/.cache/xueshi/kafka"),
    ("relative/is/invalid", "/new/home/.cache/xueshi/kafka"),
])
def test_where_the_cache_is(xdg: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    monkeypatch.setenv("HOME", "/new/home")
    assert default_cache() == Path(expected)
