"""How many events each engine reads, so that a run of it lasts a minute and more.

By what two cores were seen to do in a second of wall clock: an engine that uses both reads more.
"""

MILLION = 1_000_000
LENGTHS = {
    "xueshi": 30 * MILLION,
    "xueshi-whole": 8 * MILLION,
    "floor": 32 * MILLION,
    "floor-plain": 38 * MILLION,
    "kafka-streams": 80 * MILLION,
    "flink": 70 * MILLION,
    "quix": 20 * MILLION,
    "quix-10s": 24 * MILLION,
    "bytewax-teacher": 8 * MILLION,
    "bytewax-teacher-10s": 12 * MILLION,
    "bytewax-partition": 40 * MILLION,
    "pathway": 32 * MILLION,
}


def length(engine: str) -> int:
    """Of an engine of this name, or of the one that it is a variant of; of one that is not known
    as little as of the slowest.
    """
    plain, _, _ = engine.rpartition("-")
    return LENGTHS.get(engine, LENGTHS.get(plain, min(LENGTHS.values())))
