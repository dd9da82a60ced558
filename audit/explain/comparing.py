"""The explanation against what a worker shows, in fairness: one that is only late is no fault."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.explain.explanation import Explanation
from audit.explain.live import Difference, Live, NoAnswerError, Standing, ask, compare
from pipeline.broker import lag
from pipeline.rules.programme import Catalogue
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.topics import COMPLETIONS, ENROLMENTS, TELEMETRY
from pipeline.settings import Settings

ASK_AGAIN_S = 0.5

Page = Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Comparing:
    """Asks the worker at `url`; `again` reads the evidence anew. A worker that has records left to
    read is given `settle_s` seconds.
    """

    settings: Settings
    bootstrap: str
    catalogue: Catalogue
    url: str
    again: Callable[[], Explanation]
    settle_s: float = 10.0

    def compare(self, found: Explanation) -> tuple[Explanation, Live]:
        """The explanation, of newer evidence where that was needed, and how it compares."""
        if self.settings.platform_key is None:
            return found, Live(Standing.NOT_ASKED, "XUESHI_PLATFORM_KEY is not set")
        try:
            if not self._differences(found, self._ask(found)):
                return found, Live(Standing.AGREES)
            if not self._caught_up(found.teacher_id):
                return found, Live(Standing.BEHIND, "the workers have records left to read")
            return self._compare_again(found)
        except NoAnswerError as error:
            return found, Live(Standing.NO_ANSWER, str(error))

    def _compare_again(self, found: Explanation) -> tuple[Explanation, Live]:
        """Read between two answers: unless they differ themselves, one of them must agree."""
        before = self._ask(found)
        newer = self.again()
        after = self._ask(found)
        differences = self._differences(newer, after)
        if not differences or not self._differences(newer, before):
            return newer, Live(Standing.AGREES)
        if before != after:
            return newer, Live(Standing.BEHIND, "the teacher is playing at this moment")
        return newer, Live(Standing.DIFFERS, self.url, differences)

    def _ask(self, found: Explanation) -> Page:
        return ask(self.url, self.settings.secret("platform_key"), found.teacher_id)

    def _differences(self, found: Explanation, page: Page) -> tuple[Difference, ...]:
        listings = self.catalogue.listings[found.resource.id]
        return compare(found.progress, found.blank if page is None else page, listings)

    def _caught_up(self, teacher_id: str) -> bool:
        """Wait, for `settle_s` at most, until the workers have read all of the teacher's partition.

        Raises:
            BrokerError: Kafka does not answer.
        """
        deadline = time.monotonic() + self.settle_s
        while self._is_behind(partition_of(teacher_id, self.settings.partitions)):
            if time.monotonic() > deadline:
                return False
            time.sleep(ASK_AGAIN_S)
        return True

    def _is_behind(self, partition: int) -> bool:
        topics = [self.settings.topic(t.name) for t in (TELEMETRY, COMPLETIONS, ENROLMENTS)]
        done = lag.committed(self.bootstrap, self.settings.topic("worker"))
        ends = lag.ends(self.bootstrap, topics)
        return any(done.get(place, 0) < end for place, end in ends.items()
                   if place[1] == partition)
