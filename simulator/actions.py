"""What a teacher's players do, action by action. Times are virtual epoch milliseconds."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

Answer = str | tuple[str, ...]


class Beat(NamedTuple):
    """A heartbeat: [start, end) media milliseconds were played at `rate` per cent."""

    seq: int
    start: int
    end: int
    rate: int


class Answers(NamedTuple):
    """Answers to a quiz; with `claims_pass` the player adds a score of its own (rule 10)."""

    seq: int
    quiz_id: str
    answers: Mapping[str, Answer]
    claims_pass: bool = False


Event = Beat | Answers


class Trick(StrEnum):
    """What is wrong with a post. The collector's answer to each is known beforehand."""

    NONE = "none"
    FORGED_TOKEN = "forged_token"
    OTHER_RESOURCE = "other_resource"
    CLAIMED_SCORE = "claimed_score"
    BEYOND_THE_END = "beyond_the_end"
    GARBAGE = "garbage"


class Open(NamedTuple):
    """Open a play session; `play` is its name among this teacher's sessions."""

    at: int
    play: str
    resource_id: str


class Post(NamedTuple):
    """Send events of an open session. `body` replaces them where the post is garbage."""

    at: int
    play: str
    events: tuple[Event, ...]
    trick: Trick = Trick.NONE
    claimed_resource: str | None = None
    body: bytes | None = None

    @property
    def beats(self) -> int:
        """How many heartbeats it carries."""
        return sum(isinstance(event, Beat) for event in self.events)


Action = Open | Post
