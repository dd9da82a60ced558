"""How many events each engine reads, so that a run of it lasts a minute and more.

By what two cores were seen to do in a second of wall clock: an engine that uses both reads more.
xueshi and Pathway read whatever there is: of one length, they share a load.
"""

from collections.abc import Sequence

from bench.watching.track import Engine

MILLION = 1_000_000
LENGTHS = {
    "xueshi": 38 * MILLION,
    "xueshi-whole": 8 * MILLION,
    "floor": 32 * MILLION,
    "floor-plain": 44 * MILLION,
    "kafka-streams": 132 * MILLION,
    "flink": 125 * MILLION,
    "quix": 20 * MILLION,
    "quix-10s": 30 * MILLION,
    "bytewax-teacher": 8 * MILLION,
    "bytewax-teacher-10s": 12 * MILLION,
    "bytewax-partition": 42 * MILLION,
    "pathway": 38 * MILLION,
}


def length(engine: str) -> int:
    """Of an engine of this name, or of the one that it is a variant of; of one that is not known
    as little as of the slowest.
    """
    plain, _, _ = engine.rpartition("-")
    return LENGTHS.get(engine, LENGTHS.get(plain, min(LENGTHS.values())))


def of_loads(engines: Sequence[Engine]) -> dict[str, int]:
    """Events of the load of each, by its name: those that end where they are told to share the
    longest of theirs; one that reads whatever there is must find no more than it is to read.
    """
    longest = max((one.events for one in engines if not one.reads_all), default=0)
    return {one.name: one.events if one.reads_all else longest for one in engines}
