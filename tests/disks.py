"""Disks that are full, for as long as a test wants them to be.

Two ways. `TmpDisk`: a small tmpfs (needs the right to mount), as full as a real disk can be:
everything on it fails with ENOSPC. `SizeLimit`: RLIMIT_FSIZE of a child process, which needs no
rights: no file of it grows beyond the limit (EFBIG); so it always runs, in CI too.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BALLAST = "ballast"
PAGE = 4096


@dataclass(frozen=True, slots=True)
class TmpDisk:
    """A file system of its own at `path`."""

    path: Path

    def fill(self, leave: int = 0) -> None:
        """Leave so many bytes, in whole pages; fewer where others write at the same time."""
        room = os.statvfs(self.path)
        size = room.f_bavail * room.f_bsize - leave // PAGE * PAGE
        with (self.path / BALLAST).open("ab", buffering=0) as ballast, suppress(OSError):
            while size > 0:
                size -= ballast.write(bytes(min(size, 256 * PAGE)))

    def free(self) -> None:
        (self.path / BALLAST).unlink()


@contextmanager
def mounted(path: Path, megabytes: int) -> Iterator[TmpDisk]:
    """A tmpfs at `path`. Raises PermissionError where nobody may mount."""
    path.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermissionError(done.stderr.strip())
    try:
        yield TmpDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """For `preexec_fn`: no file of the process grows beyond `size` bytes."""

    size: int

    def __call__(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.size))
