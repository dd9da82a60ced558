"""How the watching agent keeps a viewer."""

from typing import Any

from pipeline.agents.shard import Codec
from pipeline.agents.stored import Upgrades
from pipeline.rules.crowd import Crowd
from pipeline.rules.programme import Clock
from pipeline.rules.viewer_values import dump_viewer, load_viewer
from pipeline.rules.viewing import Viewing

VIEWER_UPGRADES: Upgrades = {2: lambda viewer: viewer}


def viewer_codec(clock: Clock) -> Codec[Viewing]:
    """The codec; writing also drops what the viewer no longer needs to remember, and the viewing
    counts as unchanged then.
    """

    def dump(viewing: Viewing) -> list[Any]:
        viewing.changed = False
        return dump_viewer(viewing.folded(), clock)

    def load(stored: list[Any]) -> Viewing:
        return Viewing(load_viewer(stored))

    return Codec(new=Viewing, dump=dump, load=load, upgrades=VIEWER_UPGRADES, live=Crowd)
