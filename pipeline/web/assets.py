"""Style, scripts and pictures, served from this machine only, under names that never change
meaning: the address has the file's sum, so browsers may keep it for ever.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from starlette.responses import FileResponse, Response

FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The files of `folder`, and `more` by their names."""

    def __init__(self, folder: Path, more: Mapping[str, Path] | None = None) -> None:
        self._folder = folder
        self._more = more or {}

    @cached_property
    def files(self) -> dict[str, Path]:
        own = {path.name: path for path in self._folder.iterdir() if path.is_file()}
        return {**own, **self._more}

    @cached_property
    def _sums(self) -> dict[str, str]:
        return {name: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
                for name, path in self.files.items()}

    def address(self, name: str) -> str:
        return f"/static/{name}?v={self._sums[name]}"

    def answer(self, name: str) -> Response | None:
        """The file itself; None if there is none of this name."""
        path = self.files.get(name)
        return FileResponse(path, headers={"Cache-Control": FOR_EVER}) if path else None
