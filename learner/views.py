"""Pages from templates."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from pipeline.web.assets import Assets

TEMPLATES = Path(__file__).parent / "templates"


class Views:
    """Renders templates of `folder`; `assets` gives them the addresses of style and icon."""

    def __init__(self, assets: Assets, folder: Path = TEMPLATES) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True)
        self._templates.globals["assets"] = assets

    def answer(self, template: str, status: int = 200, **more: Any) -> HTMLResponse:
        """Any page; without `teacher` it is nobody's."""
        text = self._templates.get_template(template).render({"teacher": None, **more})
        return HTMLResponse(text, status)
