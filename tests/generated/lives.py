"""A teacher's life as a list of moves, and the log it leaves: all that a log may hold.

Moves are plain numbers that are taken modulo what there is, so every list of moves means
something and Hypothesis can shrink it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from hypothesis import strategies as st

from audit.reference.log import Answered, Entry, Played
from pipeline.rules.programme import Catalogue, Quiz, Resource
from tests.generated.catalogues import CELL_MS, DAY, HOUR, SECOND, T0, about


@dataclass(frozen=True, slots=True)
class Open:
    """A new play session of a resource; `resource` -1 is one that no programme lists."""

    resource: int


@dataclass(frozen=True, slots=True)
class Play:
    """Play from a position for a length of the video (ms), at a rate; a cheat's takes no time."""

    session: int
    start: int
    length: int
    rate: int
    honest: bool = True


@dataclass(frozen=True, slots=True)
class Finish:
    """Play on to the end from where this session stands, passing each quiz on the way.

    `stops` is where in 1/8 of the video a player cuts its heartbeats.
    """

    session: int
    rate: int
    pass_quizzes: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Hand in a quiz: right, half right, wrong, or one that does not exist."""

    session: int
    quiz: int
    how: int


@dataclass(frozen=True, slots=True)
class Post:
    """Send what the session has queued; `keep`: and send it once more with the next post."""

    session: int
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time go by."""

    ms: int


Move = Open | Play | Finish | Answer | Post | Wait

small = st.integers(0, 5)
rates = st.sampled_from([50, 100, 100, 133, 200, 400])
waits = st.sampled_from([CELL_MS, 2 * SECOND, 15 * SECOND, 50 * SECOND, HOUR, DAY, DAY + HOUR])
plays = st.builds(Play, small, about(-1, 16), about(-1, 16), rates)


def moves(*, honest: bool) -> st.SearchStrategy[list[Move]]:
    """Lists of moves; honest ones were really made, one after the other, by one human."""
    known = small if honest else st.integers(-1, 5)
    choices: list[st.SearchStrategy[Move]] = [
        st.builds(Open, known), plays, st.builds(Finish, small, rates, st.booleans()),
        st.builds(Finish, small, st.just(100), st.just(True)),
        st.builds(Answer, small, small, st.integers(0, 2 if honest else 3)),
        st.builds(Post, small, st.booleans()), st.builds(Post, small), st.builds(Wait, waits),
    ]
    if not honest:
        choices.append(st.builds(
            Play, small, about(-1, 16), about(-1, 20), rates, st.just(False)))
    return st.lists(st.one_of(choices), min_size=6, max_size=40)


last = st.just(-1)  # modulo what there is: the session opened last
in_one_session: st.SearchStrategy[Move] = st.one_of(
    st.builds(Play, last, about(0, 16), about(1, 16), rates),
    st.builds(Finish, last, rates, st.booleans()),
    st.builds(Finish, last, st.just(100), st.just(True)),
    st.builds(Answer, last, small, st.integers(0, 2)),
    st.builds(Post, small, st.booleans()),
    st.builds(Wait, waits),
)
chapters: st.SearchStrategy[list[Move]] = st.lists(
    st.tuples(st.builds(Open, small), st.lists(in_one_session, max_size=8)), min_size=2, max_size=6,
).map(lambda some: [move for opening, rest in some for move in (opening, *rest)])
"""Honest lives with one session at a time; posts of earlier ones may still come later."""


@dataclass(slots=True)
class Session:
    """A player: `position` in ms; `queue` holds what is not posted yet."""

    id: str
    resource: Resource
    opened_at: int
    position: int = 0
    seq: int = 0
    queue: list[Entry] = field(default_factory=list)
    again: list[Entry] = field(default_factory=list)


NOWHERE = Resource("nowhere", "video", "nowhere", 8 * CELL_MS, 1, ())


@dataclass(slots=True)
class Life:
    """Makes the moves. `now` is the teacher's own clock, `log` what was posted, in order."""

    catalogue: Catalogue
    now: int = T0 - 4 * SECOND
    sessions: list[Session] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)

    def make(self, move: Move) -> None:
        match move:
            case Open(resource):
                self._open(resource)
            case Play(session, start, length, rate, honest):
                self._play(self._session(session), start, start + length, rate, honest)
            case Finish(session, rate, pass_quizzes):
                self._finish(self._session(session), rate, pass_quizzes)
            case Answer(session, quiz, how):
                self._answer(self._session(session), quiz, how)
            case Post(session, keep):
                self._post(self._session(session), keep)
            case Wait(ms):
                self.now += ms

    def post_all(self) -> None:
        for session in self.sessions:
            self._post(session, keep=False)

    def _open(self, number: int) -> Session:
        listed = list(self.catalogue.resources.values())
        resource = NOWHERE if number < 0 else listed[number % len(listed)]
        self.sessions.append(Session(f"s{len(self.sessions)}", resource, self.now))
        return self.sessions[-1]

    def _session(self, number: int) -> Session:
        return self.sessions[number % len(self.sessions)] if self.sessions else self._open(number)

    def _play(
        self, session: Session, start: int, end: int, rate: int, honest: bool
    ) -> None:
        if honest:
            start = max(start, 0)
            end = min(end, session.resource.duration_ms)
            rate = min(rate, self.catalogue.clock.max_rate)
            if end <= start:
                return
            self.now += ceil((end - start) * 100 / rate)
        self._queue(session, Played(session.resource.id, session.id, session.opened_at,
                                    self._next(session), 0, max(start, 0), max(end, 0), rate))
        session.position = min(max(end, 0), session.resource.duration_ms)

    def _finish(self, session: Session, rate: int, pass_quizzes: bool) -> None:
        resource = session.resource
        for quiz in [*resource.quizzes, None]:
            stop = quiz.at_ms if quiz else resource.duration_ms
            self._play(session, session.position, stop, rate, honest=True)
            if quiz and pass_quizzes:
                self._hand_in(session, quiz, dict(quiz.key))
        session.position = 0
        self._post(session, keep=False)

    def _answer(self, session: Session, number: int, how: int) -> None:
        quizzes = session.resource.quizzes
        if how == 3:
            self._hand_in(session, Quiz("none", 0, {"1": "A"}), {})
        elif quizzes:
            quiz = quizzes[number % len(quizzes)]
            self._hand_in(session, quiz, _answers(quiz, how))

    def _hand_in(
        self, session: Session, quiz: Quiz, given: dict[str, str | tuple[str, ...]]
    ) -> None:
        answers = {q: a if isinstance(a, str) else list(reversed(a)) for q, a in given.items()}
        self._queue(session, Answered(session.resource.id, session.id, session.opened_at,
                                      self._next(session), 0, quiz.id, answers))

    def _next(self, session: Session) -> int:
        session.seq += 1
        return session.seq

    def _queue(self, session: Session, entry: Entry) -> None:
        session.queue.append(entry)

    def _post(self, session: Session, keep: bool) -> None:
        """Everything in it is received at once, now; what is sent again is received again.

        After a day the session's token has expired, and nothing of it is let in (rule 18).
        """
        is_open = self.now <= session.opened_at + DAY
        sent = [*session.again, *session.queue] if is_open else []
        self.log += [replace(entry, received_at=self.now) for entry in sent]
        session.again = session.queue if keep else []
        session.queue = []


def _answers(quiz: Quiz, how: int) -> dict[str, str | tuple[str, ...]]:
    if how == 0:
        return dict(quiz.key)
    wrong: dict[str, str | tuple[str, ...]] = dict.fromkeys(quiz.key, ("D",))
    return wrong if how == 1 else {**wrong, "1": quiz.key["1"]}


def live(catalogue: Catalogue, made: Sequence[Move], *, honest: bool = False) -> list[Entry]:
    """The log of the life: in the order of posting, all queues posted in the end.

    Who is honest posts before the offline grace is over (two hours, see `test_order`).
    """
    life = Life(catalogue)
    for move in made:
        if honest and isinstance(move, Wait) and move.ms >= HOUR:
            life.post_all()
        life.make(move)
    life.post_all()
    return life.log


def shuffled(log: Sequence[Entry], picks: Sequence[int], within_ms: int | None) -> list[Entry]:
    """The log with its sessions interleaved anew; the order inside a session stays.

    `picks` chooses, step by step, among the sessions' next entries; [] changes nothing.
    `within_ms`: nothing overtakes what was received so much earlier than itself.
    """
    return list(_merge([*log], iter(picks), within_ms))


def _merge(left: list[Entry], picks: Iterator[int], within_ms: int | None) -> Iterator[Entry]:
    while left:
        heads: dict[str, Entry] = {}
        for entry in left:
            heads.setdefault(entry.session_id, entry)
        oldest = min(entry.received_at for entry in left)
        ready = [e for e in heads.values()
                 if within_ms is None or e.received_at <= oldest + within_ms]
        chosen = ready[next(picks, 0) % len(ready)]
        left.remove(chosen)
        yield chosen


def repeated(log: Sequence[Entry], again: Sequence[tuple[int, int]]) -> list[Entry]:
    """The log with exact repeats: of entry number i, j places behind the first (modulo)."""
    grown = list(log)
    for which, later in again:
        if grown:
            at = which % len(grown)
            grown.insert(min(len(grown), at + 1 + later), grown[at])
    return grown


picks = st.lists(st.integers(0, 3), max_size=40)
repeats = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10)), max_size=4)
