"""Rejections put back on their topics, each once, with a note of it on the topic `replays`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError
from pydantic_core import from_json

from audit.rejections import words
from audit.rejections.putting_back import Hopeless, Sending, sending
from audit.rejections.records import Found, place_of
from audit.rejections.trial import NoReaderError, Trial
from pipeline.broker import wire
from pipeline.broker.errors import BrokerError
from pipeline.rules.watching import MEMORY_MS
from pipeline.schemas.rejections import Identity
from pipeline.schemas.replays import Replay
from pipeline.schemas.topics import REPLAYS, TELEMETRY
from pipeline.settings import Settings

HEADER = "xueshi-replay-of"
GROUP_RECORDS = 500
GROUP_BYTES = 8 * 2**20
ANSWER_S = 30.0
MAX_RECORD_BYTES = 2**30  # whether it is too large only the broker can tell, once it is compressed


class Planned(NamedTuple):
    """A rejection and what a replay of it comes to."""

    one: Found
    plan: Sending | Hopeless


@dataclass(frozen=True, slots=True)
class Planner:
    """`known` are the rejections that were put back before."""

    trial: Trial
    known: set[Identity] = field(default_factory=set)

    def plan(self, one: Found) -> Planned:
        if one.rejection.identity in self.known:
            return Planned(one, Hopeless(words.AGAIN))
        plan = sending(one, self.trial.settings.partitions)
        return Planned(one, plan if isinstance(plan, Hopeless) else self._tried(plan))

    def _tried(self, plan: Sending) -> Sending | Hopeless:
        try:
            reason = self.trial.refuses(plan)
        except NoReaderError:
            return Hopeless(words.NO_READER)
        return plan if reason is None else Hopeless(f"{words.STILL} ({reason})")


def is_aged(plan: Sending, now: int) -> bool:
    """Whether events in it are older than what is remembered for telling repeats, so that the
    rules refuse them where the teacher has done something since.
    """
    if plan.topic != TELEMETRY.name:
        return False
    batch = from_json(plan.value, allow_inf_nan=True)
    received = [*batch["received_at"], *(quiz["received_at"] for quiz in batch["quizzes"])]
    return min(received, default=now) < now - MEMORY_MS


class Sent(NamedTuple):
    """Where the record stands now; or why Kafka did not take it."""

    one: Found
    plan: Sending
    offset: int
    failure: str = ""


class Sender:
    """Sends at least once: a record that was sent and not yet noted, as the process was killed,
    is sent again by the next replay. The rules know repeats.
    """

    def __init__(self, settings: Settings, bootstrap: str, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._clock = clock
        self._producer: Any = KafkaProducer(
            **wire.client(bootstrap), client_id="xueshi-replay", linger_ms=5,
            acks="all", enable_idempotence=False,  # or one that is refused takes others with it
            max_request_size=MAX_RECORD_BYTES, compression_type="lz4",
            allow_auto_create_topics=False, delivery_timeout_ms=int(ANSWER_S * 1000),
            request_timeout_ms=int(ANSWER_S * 500), max_block_ms=int(ANSWER_S * 1000),
        )

    def close(self) -> None:
        self._producer.close(timeout=1)

    def send(self, planned: Iterable[tuple[Found, Sending]]) -> Iterator[Sent]:
        """Send all of them, in groups; what is handed out has been noted.

        Raises:
            BrokerError: Kafka does not take the notes.
        """
        for group in groups(planned):
            under_way = [(one, plan, self._send(one, plan)) for one, plan in group]
            sent = [_settled(*each) for each in under_way]
            self._note(each for each in sent if not each.failure)
            yield from sent

    def _send(self, one: Found, plan: Sending) -> Any:
        headers = [(HEADER, place_of(one.rejection).encode())]
        return self._producer.send(self._settings.topic(plan.topic), plan.value, plan.key,
                                   headers, partition=plan.partition)

    def _note(self, sent: Iterable[Sent]) -> None:
        topic, now = self._settings.topic(REPLAYS.name), self._clock()
        notes = [Replay.of(one.rejection, now, plan.partition, offset)
                 for one, plan, offset, _ in sent]
        futures = [self._producer.send(topic, note.to_json(), note.reason.encode())
                   for note in notes]
        try:
            for future in futures:
                future.get(timeout=ANSWER_S)
        except KafkaError as error:
            raise BrokerError(
                f"the last {len(notes)} records were sent, but Kafka did not take the notes of it "
                f"on {topic} ({error!r}): they will be sent again, which is harmless") from error


def _settled(one: Found, plan: Sending, future: Any) -> Sent:
    try:
        return Sent(one, plan, future.get(timeout=ANSWER_S).offset)
    except KafkaError as error:
        return Sent(one, plan, -1, f"Kafka does not take it: {error}")


def groups(planned: Iterable[tuple[Found, Sending]]) -> Iterator[list[tuple[Found, Sending]]]:
    """In their order, so many at once that they fit into memory."""
    group: list[tuple[Found, Sending]] = []
    size = 0
    for one, plan in planned:
        group.append((one, plan))
        size += len(plan.value)
        if len(group) >= GROUP_RECORDS or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
