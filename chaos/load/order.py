"""What is to be played."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """One load. The same order gives the same events, truth and expectations.

    heartbeats  at least so many, before records are repeated
    hostile     how often the corpus of hostile records is mixed in; Kafka only
    rate        events a second, None: as fast as it goes
    prefix      put before every teacher's id, so that several loads can run side by side
    """

    teachers: int
    heartbeats: int
    seed: int
    hostile: int = 1
    rate: float | None = None
    prefix: str = ""
