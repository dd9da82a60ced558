"""The keys of `xueshi up`: made at its first start, kept for the next ones, its owner's only."""

import json
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from demo.errors import DemoError

LENGTHS = {"platform_key": 24, "token_secret": 48, "certificate_secret": 48}  # bytes


def kept_keys(path: Path) -> dict[str, SecretStr]:
    """The keys of the file, by the names of their settings; made if there is no such file.

    Raises:
        DemoError: the file is not what was written.
        OSError: it cannot be read or written.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        found = _write(path, {name: secrets.token_urlsafe(n) for name, n in LENGTHS.items()})
    except ValueError:
        found = None
    if not _is_whole(found):
        raise DemoError(f"{path} does not hold the keys any more: take it away and start again; "
                      "who watches just then has to open the page again")
    return {name: SecretStr(found[name]) for name in LENGTHS}


def _is_whole(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(found.get(name), str) and len(found[name]) >= size
        for name, size in LENGTHS.items())


def _write(path: Path, keys: dict[str, str]) -> dict[str, str]:
    """Whole or not at all, and at no moment readable by others."""
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(keys, file)
    aside.replace(path)
    return keys
