"""What all measurements tell alike: a figure of several runs, the machine, the file they keep."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import psutil

from pipeline.clock import now_ms


def spread(values: Sequence[float], form: str) -> str:
    """Median (lowest–highest), each in the format `form`."""
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def circumstances(
    libraries: Sequence[str], told: Mapping[str, Any], now: int
) -> dict[str, Any]:
    """What figures depend on; `told`: what was asked for, `now`: epoch milliseconds."""
    return {
        "date": datetime.fromtimestamp(now / 1000, UTC).date().isoformat(),
        "machine": _machine(),
        "versions": {"python": platform.python_version(),
                     **{name: version(name) for name in libraries}},
        "asked": dict(told),
    }


def _machine() -> dict[str, Any]:
    names = [line.partition(":")[2].strip()
             for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
             if line.startswith("model name")]
    return {"cpu": names[0] if names else platform.machine(), "cores": psutil.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30), "linux": platform.release()}


def keep(path: Path, libraries: Sequence[str], told: Mapping[str, Any],
         runs: Sequence[Mapping[str, Any]]) -> None:
    """Write all that was measured so far: a long measurement may be broken off."""
    path.write_bytes(orjson.dumps(
        {**circumstances(libraries, told, now_ms()), "runs": list(runs)},
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS))
