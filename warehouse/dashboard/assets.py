"""Style, scripts and ECharts, served from this machine only, under names that never change
meaning: the address has the file's sum, so browsers may keep it for ever.
"""

import hashlib
from functools import cached_property
from pathlib import Path

from starlette.responses import FileResponse, Response

from pipeline.settings import ROOT
from warehouse.dashboard.errors import UnknownError

HERE = Path(__file__).parent / "static"
ECHARTS = ROOT / "node_modules" / "echarts" / "dist" / "echarts.common.min.js"
FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """`pictures`: whether ECharts is installed; without it pages have their tables alone."""

    @cached_property
    def _files(self) -> dict[str, Path]:
        own = {path.name: path for path in HERE.iterdir() if path.is_file()}
        return {**own, "echarts.js": ECHARTS} if ECHARTS.is_file() else own

    @property
    def pictures(self) -> bool:
        return "echarts.js" in self._files

    @cached_property
    def _sums(self) -> dict[str, str]:
        return {name: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
                for name, path in self._files.items()}

    def address(self, name: str) -> str:
        return f"/static/{name}?v={self._sums[name]}"

    def answer(self, name: str) -> Response:
        """The file itself.

        Raises:
            UnknownError: there is none of this name.
        """
        path = self._files.get(name)
        if path is None:
            raise UnknownError
        return FileResponse(path, headers={"Cache-Control": FOR_EVER})
