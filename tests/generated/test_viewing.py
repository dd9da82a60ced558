"""A viewer who plays on is what `watching.hear` makes of the same heartbeats, one by one."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference.log import Answered, Entry, Played
from pipeline.rules.programme import Catalogue, Window
from pipeline.rules.viewer_values import dump_viewer
from pipeline.rules.viewing import FOR_EVER, Viewing, next_bound
from pipeline.rules.watching import Heartbeat, Milestone, QuizAnswers, Viewer, hand_in, hear
from tests.generated.catalogues import SECOND, T0
from tests.generated.dense import ANSWERS, LENGTH, dense_catalogues
from tests.generated.profile import examples
from tests.generated.replay import take

STEP = 250
DEVIATIONS = ("seek", "skip a number", "again", "earlier", "other session", "other opening",
              "other rate", "wait", "look", "answer", "answer", "answer wrongly", "unknown video",
              "overlap")


@dataclass(slots=True)
class Player:
    """A player that mostly plays on; `deviate` does something else with the next entry."""

    session_id: str = "a"
    opened_at: int = T0
    now: int = T0
    position: int = 0
    seq: int = 1
    rate: int = 100
    length: int = STEP

    def next(self) -> Played:
        end = min(self.position + self.length, LENGTH + STEP)
        self.now += (end - self.position) * 100 // self.rate
        played = Played("video", self.session_id, self.opened_at, self.seq, self.now,
                        self.position, end, self.rate)
        self.position, self.seq = (0 if end >= LENGTH else end), self.seq + 1
        return played

    def deviate(self, how: str, amount: int) -> Entry | None:
        """Change how it goes on; maybe an entry that is sent beside it."""
        if how.startswith("answer"):
            self.seq += 1
            answers = ANSWERS[0 if how == "answer" else 3]
            return Answered("video", self.session_id, self.opened_at, self.seq - 1, self.now,
                            f"q{amount % 2}", answers)
        match how:
            case "seek":
                self.position = amount * STEP % LENGTH
            case "skip a number":
                self.seq += 1 + amount % 2
            case "other session":
                self.session_id, self.seq = "ab"[amount % 2], 20 * amount + 1
            case "other opening":
                self.opened_at = T0 + amount * SECOND
            case "other rate":
                self.rate = (100, 130, 200)[amount % 3]
            case "wait":
                self.now += amount * 2 * SECOND
            case "overlap":
                self.position = max(0, self.position - 100)
        return self._beside(how, amount)

    def _beside(self, how: str, amount: int) -> Entry | None:
        match how:
            case "again":
                copy = replace(self, seq=max(1, self.seq - 1 - amount % 3))
                return copy.next()
            case "earlier":
                return replace(self, now=self.now - amount * SECOND).next()
            case "unknown video":
                return replace(self.next(), resource_id="other")
        return None


step = st.tuples(st.sampled_from(["on"] * 30 + [*DEVIATIONS]), st.integers(0, 8))
steps = st.lists(step, min_size=10, max_size=80)


def entries(made: list[tuple[str, int]]) -> list[Entry | None]:
    """What is sent, in its order; None: somebody looks at the viewer."""
    player = Player()
    log: list[Entry | None] = []
    for how, amount in made:
        beside = None if how in ("on", "look") else player.deviate(how, amount)
        log.append(beside or (None if how == "look" else player.next()))
    return log


def one_by_one(viewer: Viewer, catalogue: Catalogue, entry: Entry, news: list[Milestone]) -> str:
    if isinstance(entry, Played):
        return hear(viewer, catalogue, Heartbeat(
            entry.resource_id, entry.session_id, entry.opened_at, entry.seq, entry.received_at,
            entry.start, entry.end, entry.rate), news)
    return hand_in(viewer, catalogue, QuizAnswers(
        entry.resource_id, entry.session_id, entry.opened_at, entry.seq, entry.received_at,
        entry.quiz_id, entry.answers), news)


@examples(1000)
@given(dense_catalogues(), steps)
def test_rule_14_playing_on_is_what_its_heartbeats_are(
    catalogue: Catalogue, made: list[tuple[str, int]]
) -> None:
    viewing, viewer = Viewing(), Viewer()
    for entry in entries(made):
        if entry is None:
            assert viewing.folded() == viewer
            continue
        news: list[Milestone] = []
        expected: list[Milestone] = []
        verdict = take(viewing, catalogue, entry, news)
        assert (verdict, news) == (one_by_one(viewer, catalogue, entry, expected), expected)
        event(verdict)
        event("done" if any(one.status == "done" for one in news) else "not done")
    clock = catalogue.clock
    assert dump_viewer(viewing.folded(), clock) == dump_viewer(viewer, clock)


WINDOW = Window(10, 20, 5)


@pytest.mark.parametrize(("at", "bound"), [
    (9, 10), (10, 20), (19, 20), (20, 25), (24, 25), (25, FOR_EVER)])
def test_rule_1_a_run_ends_where_other_events_may_count(at: int, bound: int) -> None:
    assert next_bound(WINDOW, at) == bound
