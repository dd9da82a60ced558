"""Files that only the owner of the process may read: accounts, sessions, the access log."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from warehouse.errors import WarehouseError

OWNER_ONLY = 0o600


def private_folder(folder: Path) -> None:
    """Make the folder, for its owner only, if it is not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def open_private(path: Path | str, flags: int) -> int:
    """A file descriptor; a file made by this is its owner's only."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)


def new_private(path: str, flags: int) -> int:
    """The same for a file that is not there yet: an `opener` for `open`."""
    return open_private(path, flags | os.O_EXCL)


def require_private(file: BinaryIO, path: Path) -> None:
    """Raises:
    WarehouseError: others may read or write the open file, or another user owns it.
    """
    found = os.fstat(file.fileno())
    if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
        raise WarehouseError(
            f"{path} can be read or written by others: `chmod 600 {path}`, as its owner")
