"""The language of the specification: what a teacher did, step by step, and what came of it.

Times and positions are in seconds. The teacher's clock begins at BEGIN, inside the window of
"summer"; only what really takes time moves it on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pipeline.rules.credit import (
    Account,
    OpeningBalance,
    Standing,
    enrol,
    mark_done,
    mark_started,
    standing,
)
from pipeline.rules.programme import (
    Catalogue,
    Clock,
    Course,
    Programme,
    Quiz,
    Resource,
    Window,
)
from pipeline.rules.watching import Heartbeat, Milestone, QuizAnswers, Viewer, hand_in, hear

HOUR = 3600
DAY = 24 * HOUR


def moment(text: str) -> int:
    """Epoch milliseconds of "2023-07-14 00:00" (or with seconds) in Asia/Shanghai."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return round(local.timestamp() * 1000)


BEGIN = moment("2023-07-20 08:00")
CLOCK = Clock(max_rate=200, offline_grace_ms=2 * HOUR * 1000, slack_ms=10_000)
SUMMER_WINDOW = Window(moment("2023-07-14 00:00"), moment("2023-09-01 00:00"), DAY * 1000)
EARLIER_WINDOW = Window(moment("2023-06-01 00:00"), moment("2023-09-01 00:00"), DAY * 1000)


def video(*quizzes: Quiz, id: str = "video", seconds: int = 60) -> Resource:
    """A video of a minute, worth its duration."""
    return Resource(id, "video", id, seconds * 1000, seconds, quizzes)


def quiz(at: int, id: str = "q") -> Quiz:
    """A quiz of five questions; the right answers are A, B, C, D and both of A and B."""
    key: dict[str, str | tuple[str, ...]] = {
        "1": "A", "2": "B", "3": "C", "4": "D", "5": ("A", "B")}
    return Quiz(id, at * 1000, key)


def programme(*courses: Course, id: str = "summer", window: Window = SUMMER_WINDOW,
              through: tuple[str, ...] = ()) -> Programme:
    """A programme with every setting at its default."""
    return Programme(
        id=id, name=id, window=window, courses=courses, clock=CLOCK, seconds_per_hour=2700,
        credit_before_enrolment=True, enrolled_through=through, gap_tolerance_ms=2000,
        tail_tolerance_ms=500, quiz_rule="passed", pass_mark=0.6, ranking=False)


def course(*resources: Resource, id: str = "course", required: int = 0,
           shared_with: str | None = None) -> Course:
    return Course(id, id, required, shared_with, resources)


@dataclass(frozen=True, slots=True)
class Watch:
    """Really play [start, end): the clock moves by what it takes, then it is reported."""

    start: float
    end: float
    rate: float = 1.0
    on: str = "pc"
    of: str = "video"
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """Report [start, end) as played, in no time at all."""

    start: float
    end: float
    rate: float = 1.0
    on: str = "pc"
    of: str = "video"


@dataclass(frozen=True, slots=True)
class Answer:
    """Hand in the quiz with so many of its five questions right, or with these answers."""

    right: int = 5
    quiz: str = "q"
    on: str = "pc"
    of: str = "video"
    answers: dict[str, str | list[str]] | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Open a player; the other steps open theirs when first used."""

    on: str
    of: str = "video"


@dataclass(frozen=True, slots=True)
class Online:
    """The player is online again and reports all that it has kept."""

    on: str


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class At:
    """The clock shows this moment in Asia/Shanghai."""

    text: str


@dataclass(frozen=True, slots=True)
class Again:
    """The last `events` reports are sent once more, with their numbers, now."""

    events: int = 1


Step = Watch | Claim | Answer | Open | Online | Wait | At | Again
Event = Heartbeat | QuizAnswers

RIGHT: dict[str, str | list[str]] = {"1": "A", "2": "B", "3": "C", "4": "D", "5": ["B", "A"]}


@dataclass(slots=True)
class Story:
    """What came of it. `verdicts` has one word a report, in the order in which they arrived."""

    catalogue: Catalogue
    now: int = BEGIN
    viewer: Viewer = field(default_factory=Viewer)
    verdicts: list[str] = field(default_factory=list)
    news: list[Milestone] = field(default_factory=list)
    opened: dict[tuple[str, str], int] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)
    kept: dict[str, list[Event]] = field(default_factory=dict)
    sent: list[Event] = field(default_factory=list)

    def done(self, programme_id: str = "summer") -> set[str]:
        """The resources done in the programme."""
        return {m.resource_id for m in self.news
                if (m.programme_id, m.status) == (programme_id, "done")}

    def watch_time(self, resource_id: str = "video") -> float:
        """Seconds spent on the resource (rule 11)."""
        known = self.viewer.videos.get(resource_id)
        return known.watched_ms / 1000 if known else 0

    def account(self) -> Account:
        """The account of a teacher who enrolled in everything on the first day."""
        account = Account()
        for programme_id, opens_at in (
                (p.id, p.window.opens_at) for p in self.catalogue.programmes.values()):
            enrol(account, programme_id, opens_at)
        for one in self.news:
            mark_started(account, one.programme_id, one.at)
            if one.status == "done":
                mark_done(account, one.programme_id, one.resource_id, one.at)
        return account

    def standing(self, programme_id: str = "summer") -> Standing:
        return standing(self.catalogue.programmes[programme_id], self.account())

    def take(self, step: Step) -> None:
        match step:
            case Wait(seconds):
                self.now += round(seconds * 1000)
            case At(text):
                self.now = moment(text)
            case Open(on, of):
                self._opened(on, of)
            case Online(on):
                self._send(self.kept.pop(on, []))
            case Again(events):
                self._send(self.sent[-events:])
            case Watch(offline=True):
                self.kept.setdefault(step.on, []).append(self._played(step))
            case Watch() | Claim():
                self._send([self._played(step)])
            case Answer():
                self._send([self._answers(step)])

    def _opened(self, on: str, of: str) -> int:
        return self.opened.setdefault((on, of), self.now)

    def _next(self, session: str) -> int:
        self.seqs[session] = self.seqs.get(session, 0) + 1
        return self.seqs[session]

    def _played(self, step: Watch | Claim) -> Heartbeat:
        opened_at = self._opened(step.on, step.of)
        if isinstance(step, Watch):
            self.now += round((step.end - step.start) / step.rate * 1000)
        session = f"{step.on}/{step.of}"
        return Heartbeat(step.of, session, opened_at, self._next(session), self.now,
                         round(step.start * 1000), round(step.end * 1000), round(step.rate * 100))

    def _answers(self, step: Answer) -> QuizAnswers:
        opened_at = self._opened(step.on, step.of)
        right = {q: a if int(q) <= step.right else "E" for q, a in RIGHT.items()}
        session = f"{step.on}/{step.of}"
        return QuizAnswers(step.of, session, opened_at, self._next(session), self.now, step.quiz,
                           right if step.answers is None else step.answers)

    def _send(self, events: Sequence[Event]) -> None:
        for event in events:
            self.sent.append(replace(event, received_at=self.now))
            self.arrive(self.sent[-1])

    def arrive(self, event: Event) -> None:
        """The event as it is, whenever it was received."""
        if isinstance(event, Heartbeat):
            verdict = hear(self.viewer, self.catalogue, event, self.news)
        else:
            verdict = hand_in(self.viewer, self.catalogue, event, self.news)
        self.verdicts.append(verdict)


def tell(steps: Sequence[Step], *programmes: Programme) -> Story:
    """Live through the steps under these programmes."""
    story = Story(Catalogue.of(programmes))
    for step in steps:
        story.take(step)
    return story


def of_video(some: Resource, **settings: object) -> Programme:
    """A programme of one video, with some settings other than the default."""
    return replace(programme(course(some)), **settings)  # type: ignore[arg-type]


def balance(seconds: int, as_of: str) -> OpeningBalance:
    return OpeningBalance(seconds, moment(as_of))
