"""The dashboard's style and scripts, and ECharts."""

from pathlib import Path

from starlette.responses import Response

from pipeline.settings import ROOT
from pipeline.web import assets as web
from warehouse.dashboard.errors import UnknownError

HERE = Path(__file__).parent / "static"
ECHARTS = ROOT / "node_modules" / "echarts" / "dist" / "echarts.common.min.js"


class Assets(web.Assets):
    """`pictures`: whether ECharts is installed; without it pages have their tables alone."""

    def __init__(self) -> None:
        super().__init__(HERE, {"echarts.js": ECHARTS} if ECHARTS.is_file() else None)

    @property
    def pictures(self) -> bool:
        return "echarts.js" in self.files

    def answer(self, name: str) -> Response:
        """The file itself.

        Raises:
            UnknownError: there is none of this name.
        """
        found = super().answer(name)
        if found is None:
            raise UnknownError
        return found
