"""The player as browsers load it."""

from pathlib import Path

from demo.errors import DemoError
from pipeline.settings import ROOT

DIST = ROOT / "player" / "dist"
PLAYER, UI = "xueshi-player.min.js", "xueshi-player-ui.min.js"


def require_bundles() -> dict[str, Path]:
    """The bundles by their names.

    Raises:
        DemoError: they are not built.
    """
    found = {name: DIST / name for name in (PLAYER, UI)}
    if not all(path.is_file() for path in found.values()):
        raise DemoError(f"the player is not built in {DIST}: run `make player`")
    return found
