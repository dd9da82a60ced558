"""The jars of Apache Kafka: which, from where, and that they are the ones we know."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pipeline.broker import fetch
from pipeline.broker.errors import BrokerError

VERSION = "4.4.0"

WAYS_OUT = (
    "Either let this machine reach Maven Central for the first start (later ones need no network), "
    "or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs already."
)

Progress = Callable[[int, int], None]
"""Called with (jars fetched, jars to fetch)."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of `kafka-<version>.sha256`."""

    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def filename(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def listed() -> tuple[Jar, ...]:
    """Every jar that runs the broker, with all it depends on: nothing is left to resolve."""
    text = resources.files(__package__).joinpath(f"kafka-{VERSION}.sha256").read_text("ascii")
    return tuple(_jar(line) for line in text.splitlines())


def _jar(line: str) -> Jar:
    sha256, coordinates = line.split()
    return Jar(sha256, *coordinates.split(":"))


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/xueshi/kafka`, by default under `~/.cache`."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "xueshi" / "kafka"


def class_path(
    cache: Path | None = None,
    *,
    jars: Sequence[Jar] | None = None,
    repositories: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> str:
    """The verified jars as a Java class path; fetches what the cache does not hold intact.

    Every jar is read and compared with the committed sum each time: 43 MB, about 0.1 s.

    Raises:
        BrokerError: a jar cannot be fetched, is not the one listed, or the cache is read-only.
    """
    jars = listed() if jars is None else jars
    folder = (cache or default_cache()) / VERSION
    missing = [jar for jar in jars if not _intact(folder / jar.filename, jar)]
    if missing:
        _provide(missing, folder, repositories, progress)
    return os.pathsep.join(str(folder / jar.filename) for jar in jars)


def _intact(path: Path, jar: Jar) -> bool:
    return path.is_file() and _sha256(path) == jar.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _provide(
    jars: Sequence[Jar], folder: Path,
    repositories: Mapping[str, str] | None, progress: Progress | None,
) -> None:
    """Fetch aside, verify, then move in: the cache never holds a jar that was not verified."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="fetching-") as aside:
            _fetch_into(Path(aside), jars, folder, repositories, progress)
    except OSError as error:
        raise BrokerError(
            f"cannot keep Kafka's jars in {folder}: {error.strerror or error}; "
            "make it writable, or set XDG_CACHE_HOME to a folder that is"
        ) from error


def _fetch_into(
    aside: Path, jars: Sequence[Jar], folder: Path,
    repositories: Mapping[str, str] | None, progress: Progress | None,
) -> None:
    coordinates = [(jar.group, jar.artifact, jar.version) for jar in jars]
    try:
        paths = fetch.fetch(coordinates, aside, repositories, progress or _silent)
    except fetch.NoWayError as error:
        raise BrokerError(f"{_what_is_missing(jars, folder)}: {error}. {WAYS_OUT}") from error
    for jar, path in zip(jars, paths, strict=True):
        _require(path, jar)
    for jar, path in zip(jars, paths, strict=True):
        path.replace(folder / jar.filename)


def _what_is_missing(jars: Sequence[Jar], folder: Path) -> str:
    damaged = [jar.filename for jar in jars if (folder / jar.filename).exists()]
    state = f"{len(jars)} of Kafka's jars are not in {folder}"
    if damaged:
        state += f" or have a wrong sha256 there ({', '.join(damaged)})"
    return f"{state}, and could not be fetched"


def _require(path: Path, jar: Jar) -> None:
    found = _sha256(path)
    if found != jar.sha256:
        raise BrokerError(
            f"{jar.filename}: fetched with sha256 {found}, but {jar.sha256} is the known one; "
            "it is not used. Look at what stands between this machine and Maven Central, "
            "or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs already."
        )


def _silent(_done: int, _total: int) -> None:
    pass
