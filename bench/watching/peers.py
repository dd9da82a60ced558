"""Other engines, as bench/peers/ has them: found, started, and checked."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import orjson

from bench.watching.checking import Verdict, compare, full_views
from bench.watching.process import Command, run
from bench.watching.track import Run, Track, result
from bench.watching.truth import Prefix
from pipeline.broker import lag, topics
from pipeline.broker.layout import MAX_RECORD_BYTES
from pipeline.settings import ROOT

PEERS = ROOT / "bench" / "peers"
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
TERMINATED = (0, -15, 128 + 15)
FLUSH_S = 1
READS_ALL = {"pathway"}  # its static mode reads what the topic holds, whatever it is told
VARIANT = re.compile(r"(.+)-(\d+)s")  # flink-10s: a checkpoint every ten seconds


class Missing(NamedTuple):
    """A peer that cannot be measured here, and how that is mended."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Peer:
    """`argv` is run in `folder`. `events`: of the prefix it reads; `is_stopped`: it
    cannot know when it is at the end, so its group's offsets are watched, and it gets SIGTERM;
    `flush_s`: seconds between two of its checkpoints.
    """

    name: str
    argv: Sequence[str]
    folder: Path
    events: int
    is_stopped: bool = False
    flush_s: int = FLUSH_S

    @property
    def reads_all(self) -> bool:
        return _variant(self.name)[0] in READS_ALL

    def run(self, track: Track, number: int) -> Run:
        prefix = track.truth.prefix(self.events)
        group = f"{track.settings.topic_prefix}{self.name}-{number}"
        output = f"{group}.output"
        command = Command(self.argv, self.folder, self._told(track, prefix, group, output),
                          track.log(f"{self.name}-{number}"))
        _create(track, output)
        try:
            cost = run(command, track.patience_s,
                       (lambda: _is_over(track, group, prefix)) if self.is_stopped else None)
            verdict = _verdict(track, output, prefix)
        finally:
            _delete_all_of(track, group)
            shutil.rmtree(_state(track, group), ignore_errors=True)
        return result(self.name, prefix, command, cost, verdict,
                      TERMINATED if self.is_stopped else (0,))

    def _told(self, track: Track, prefix: Prefix, group: str, output: str) -> dict[str, str]:
        state = _state(track, group)
        state.mkdir(parents=True)
        return {
            "KAFKA_BOOTSTRAP_SERVERS": track.kafka,
            "BENCH_INPUT": track.telemetry,
            "BENCH_PARTITIONS": str(track.truth.partitions),
            "BENCH_OUTPUT": output,
            "BENCH_GROUP": group,
            "BENCH_STATE_DIR": str(state),
            "BENCH_FLUSH_SECONDS": str(self.flush_s),
            "BENCH_RESOURCES": str(track.file("resources.json", track.durations)),
            "BENCH_ENDS": str(track.file(f"ends-{prefix.events}.json", prefix.ends)),
        }


def _verdict(track: Track, output: str, prefix: Prefix) -> Verdict:
    try:
        return compare(full_views(track.kafka, output), track.truth.full_in(prefix))
    except (ValueError, KeyError, TypeError) as error:
        return Verdict(0, 0, f"the output is not as agreed: {error!r}")


def _state(track: Track, group: str) -> Path:
    return track.settings.var_dir / "state" / group


def _create(track: Track, output: str) -> None:
    with topics.connected(track.kafka) as admin:
        admin.create_topics({output: {
            "num_partitions": track.truth.partitions, "replication_factor": 1,
            "configs": {"max.message.bytes": str(MAX_RECORD_BYTES)},
        }})
        admin.wait_for_topics([output])


def _delete_all_of(track: Track, group: str) -> None:
    """The output, and what an engine has made of its own: all have the group in their name."""
    topics.delete_where(track.kafka, lambda name: group in name)


def _is_over(track: Track, group: str, prefix: Prefix) -> bool:
    done = lag.committed(track.kafka, group)
    return all(done.get((track.telemetry, at), 0) >= end for at, end in prefix.ends.items())


def find(name: str, events: int, stopped: bool = False) -> Peer | Missing:
    """The peer of this name, in which - and _ are the same; NAME-10s: the one that flushes every
    ten seconds.
    """
    plain, flush_s = _variant(name)
    for folder in (PEERS / "python", PEERS / "java"):
        argv = _launchers(folder).get(plain.replace("_", "-"))
        if argv is not None:
            return _installed(Peer(name, argv, folder, events, stopped, flush_s))
    return Missing(name, f"no engines.json in {PEERS}/python or {PEERS}/java has it")


def _variant(name: str) -> tuple[str, int]:
    """An engine's plain name, and the seconds between two of its checkpoints."""
    variant = VARIANT.fullmatch(name)
    return (variant[1], int(variant[2])) if variant else (name, FLUSH_S)


def _launchers(folder: Path) -> Mapping[str, list[str]]:
    path = folder / "engines.json"
    found = orjson.loads(path.read_bytes()) if path.exists() else {}
    return {name.replace("_", "-"): argv for name, argv in found.items()}


def _installed(peer: Peer) -> Peer | Missing:
    program, *others = peer.argv
    if program == "python":
        if not PYTHON.exists():
            return Missing(peer.name, f"no {PYTHON}: install bench/peers/python/requirements.lock "
                                      f"in a virtual environment there (make {PYTHON.parts[-3]}/"
                                      ".installed)")
        program = str(PYTHON)
    elif shutil.which(program, path=None) is None and not (peer.folder / program).exists():
        return Missing(peer.name, f"no {program} on the PATH")
    built = [peer.folder / one for one in others if one.startswith("target/") and "*" not in one]
    if lacking := [path for path in built if not path.exists()]:
        return Missing(peer.name, f"no {lacking[0]}: run `mvn package` in {peer.folder}")
    return replace(peer, argv=[program, *others])
