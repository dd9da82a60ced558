"""`python -m tests.worker.next_build worker …`: as a later build would be, whose state has another
version and another layout, and which reads what this one writes.
"""

from dataclasses import replace
from typing import Any

from pipeline import app
from pipeline.agents import stored
from pipeline.agents.shard import Codec
from pipeline.cli import main

THIS = stored.STATE_VERSION
NEXT = THIS + 1


def _later(codec: Codec[Any]) -> Codec[Any]:
    """The same state within a list of its own."""
    return replace(codec, dump=lambda state: {"in": codec.dump(state)},
                   load=lambda kept: codec.load(kept["in"]),
                   upgrades={THIS: lambda kept: {"in": kept}})


def become() -> None:
    """Be the later build, in this process."""
    parts: Any = app
    made = parts.viewer_codec
    stored.STATE_VERSION = NEXT
    parts.BOOK_CODEC = _later(parts.BOOK_CODEC)
    parts.viewer_codec = lambda clock: _later(made(clock))


if __name__ == "__main__":
    become()
    main()
