"""Files that only the owner of the process may read: accounts, sessions, the access log."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from warehouse.errors import WarehouseError
from warehouse.snapshot import sync_folder

OWNER_ONLY = 0o600


def private_folder(folder: Path) -> None:
    """Make the folder, for its owner only, if it is not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def open_private(path: Path, flags: int) -> int:
    """A file descriptor; a file made by this is its owner's only."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)


def require_private(file: BinaryIO, path: Path) -> None:
    """Raises:
    WarehouseError: others may read or write the open file, or another user owns it.
    """
    found = os.fstat(file.fileno())
    if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
        raise WarehouseError(
            f"{path} can be read or written by others: `chmod 600 {path}`, as its owner")


@contextmanager
def replaced_private(path: Path) -> Iterator[BinaryIO]:
    """Write a private file that takes the place of `path`, on disk, if the block succeeds."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(open_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
