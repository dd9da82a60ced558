"""`python -m tests.worker.next_build worker …`: as a later build would be, whose state has another
version and another layout, and which reads what this one writes.
"""

from dataclasses import replace
from typing import Any

from pipeline import app
from pipeline.agents import shard
from pipeline.agents.shard import Codec
from pipeline.cli import main

THIS = shard.STATE_VERSION
NEXT = THIS + 1


def _later(codec: Codec[Any]) -> Codec[Any]:
    """The same state within a list of its own."""
    return replace(codec, dump=lambda state: {"in": codec.dump(state)},
                   load=lambda stored: codec.load(stored["in"]),
                   upgrades={THIS: lambda stored: {"in": stored}})


def become() -> None:
    """Be the later build, in this process."""
    parts: Any = app
    made = parts.viewer_codec
    shard.STATE_VERSION = NEXT
    parts.BOOK_CODEC = _later(parts.BOOK_CODEC)
    parts.viewer_codec = lambda clock: _later(made(clock))


if __name__ == "__main__":
    become()
    main()
