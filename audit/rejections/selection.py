"""Which rejections are asked for."""

from dataclasses import dataclass

from audit.rejections.records import COLLECTOR, Found, kind_of, short
from pipeline.schemas.rejections import Reason
from pipeline.schemas.topics import REJECTIONS, TOPICS

JUDGED = {topic.name for topic in TOPICS if topic.dead_letter} | {REJECTIONS.name}

# A rejection says when it was refused by its writer's clock, and the broker when it came: a clock
# that is further ahead than this hides rejections from `--since`.
CLOCK_AHEAD_MS = 3_600_000


class PlaceError(Exception):
    """It is not a place, or nothing was refused there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a refused record stands, by its topic's short name; or, on `rejections`, where the
    rejection itself does.
    """

    topic: str
    partition: int
    offset: int

    @property
    def is_number(self) -> bool:
        """Whether it is a rejection's own number."""
        return self.topic == REJECTIONS.name

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


def parse(text: str, prefix: str) -> Place:
    """`telemetry/3/1042`; or the rejection's own number on `rejections`, `17` or `#17`.

    Raises:
        PlaceError: it is neither.
    """
    number = text.removeprefix("#")
    if number.isdecimal():
        return Place(REJECTIONS.name, 0, int(number))
    topic, *rest = text.rsplit("/", 2)
    try:
        partition, offset = map(int, rest)
    except ValueError:
        raise PlaceError(f"{text!r} is no place: write TOPIC/PARTITION/OFFSET such as "
                         "telemetry/3/1042, or a number that `list` shows, such as 17") from None
    return Place(known(topic, prefix), partition, offset)


def known(text: str, prefix: str) -> str:
    """The topic by its short name.

    Raises:
        PlaceError: there is no such topic.
    """
    topic = short(text, prefix)
    if topic in JUDGED or kind_of(topic) == COLLECTOR:
        return topic
    raise PlaceError(f"nothing is refused out of a topic {text!r}: there are "
                     f"{', '.join(sorted(JUDGED))}, and collector:SESSION")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters; None, or nothing, lets all through. Instants in epoch ms, `until` excluded.

    `topic` is a short name; "collector" means whatever the collector refused.
    """

    reasons: frozenset[Reason] = frozenset()
    topic: str | None = None
    teacher: str | None = None
    since: int | None = None
    until: int | None = None

    def has(self, one: Found) -> bool:
        rejection = one.rejection
        return (
            (not self.reasons or rejection.reason in self.reasons)
            and self.topic in (None, kind_of(rejection.topic), rejection.topic)
            and self.teacher in (None, rejection.teacher_id)
            and (self.since is None or rejection.at >= self.since)
            and (self.until is None or rejection.at < self.until)
        )

    @property
    def stored_since(self) -> int | None:
        """From which record on they can be, by the broker's stamp in epoch ms."""
        return None if self.since is None else max(0, self.since - CLOCK_AHEAD_MS)
