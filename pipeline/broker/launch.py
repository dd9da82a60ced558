"""Bring one broker process up, or say why it did not come up."""

import os
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from pipeline.broker import distribution, health, java, ports, server, state
from pipeline.broker.errors import BrokerError

PATIENCE_S = 60.0
ANSWER_PATIENCE_S = 5.0
POLL_S = 0.1
ATTEMPTS = 3
TAIL_LINES = 20

# The shell leaves at once, so that the broker is nobody's child: no zombie of ours when it dies,
# and no end with us. Arguments travel as "$@" and are never parsed.
DETACH = f'"$@" >>{server.LOG} 2>&1 </dev/null & echo $!'


def launch(home: Path, progress: distribution.Progress | None) -> str:
    """Start a broker in `home` and wait until it answers; its bootstrap server.

    It listens where the last one of `home` did, if that port is still free, so that clients
    find it again after a crash.

    Raises:
        BrokerError: no jars, no Java, or it ended or did not answer in PATIENCE_S seconds.
    """
    binary, class_path = java.find(), distribution.class_path(progress=progress)
    for _ in range(ATTEMPTS):
        chosen = _choose_ports(home)
        server.write(home, chosen)
        _format_once(home, server.command(binary, class_path, "kafka.tools.StorageTool"))
        command = server.command(binary, class_path, state.MAIN_CLASS, server.PROPERTIES)
        started = _spawn(home, command, chosen)
        if _came_up(started):
            return started.bootstrap
        if "Address already in use" not in _log(home):
            break
    raise BrokerError(f"the local broker did not come up; from {home / server.LOG}:\n{_tail(home)}")


def _choose_ports(home: Path) -> server.Ports:
    last = state.recall(home)
    return server.Ports(*ports.free(preferred=last.port if last else None))


def _format_once(home: Path, tool: Sequence[str]) -> None:
    if (home / server.DATA / "meta.properties").exists():
        return
    arguments = ["format", "--cluster-id", uuid.uuid4().hex, "--config", server.PROPERTIES]
    try:
        subprocess.run(
            [*tool, *arguments], cwd=home, env=_environment(), timeout=PATIENCE_S, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
    except subprocess.SubprocessError as error:
        said = getattr(error, "stdout", None) or error
        raise BrokerError(f"cannot prepare {home / server.DATA}: {said}") from error


def _spawn(home: Path, command: Sequence[str], chosen: server.Ports) -> state.Started:
    (home / server.LOG).write_bytes(b"")
    done = subprocess.run(
        ["/bin/sh", "-c", DETACH, "sh", *command],
        cwd=home, env=_environment(), start_new_session=True,
        stdout=subprocess.PIPE, text=True, check=True,
    )
    started = state.identify(int(done.stdout), chosen.bootstrap, distribution.VERSION)
    state.remember(home, started)
    return started


def _environment() -> dict[str, str]:
    # Where the locale is plain C, Java could not even name a folder with Chinese in its path.
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _came_up(started: state.Started) -> bool:
    """False once its process has ended. One that lives but stays mute is ended."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and state.process_of(started):
        if health.answers(started.bootstrap, ANSWER_PATIENCE_S):
            return state.process_of(started) is not None
        time.sleep(POLL_S)
    state.end(started, patience_s=1.0)
    return False


def _log(home: Path) -> str:
    return (home / server.LOG).read_text("utf-8", errors="replace")


def _tail(home: Path) -> str:
    """The last lines that matter: after a failure Kafka logs its shutdown at INFO."""
    lines = _log(home).splitlines()
    telling = [line for line in lines if " INFO " not in line]
    return "\n".join((telling or lines)[-TAIL_LINES:])
