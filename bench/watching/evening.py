"""One partition's evening, in rounds of a heartbeat: who plays, who comes next, what is packed.

Tens of millions of events are made, so a beat in which nothing happens is one row and three
assignments; all else is done where something happens.
"""

from array import array
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from random import Random
from typing import Any

import orjson

from bench.teachers import name
from bench.watching.plays import (
    BEAT_MS,
    DETOURS,
    RATES,
    Play,
    Video,
    Way,
    What,
    cheats,
    detour,
    honest,
    visit,
)
from bench.watching.truth import Truth
from pipeline.schemas.packed import packed

GOES_ON = 0.6            # share of those who play another video after one
SENT_TWICE = 0.02        # share of the heartbeats
STAYS = 500              # every so manieth teacher, of an evening of visits
CHEATS = 200             # every so manieth teacher is one
CHEAT_MS = 100           # between two claims of a cheat
CHEAT_VIDEOS = 3
NEVER = 2**63

Row = tuple[int, str, str, str, int, int, int, int, int]


@dataclass(slots=True, eq=False)
class Cheat:
    """One who claims videos in seconds; `due`: when the next claim is made (epoch ms)."""

    play: Play
    videos: list[Video]
    due: int


class Packing:
    """Rows become records. Some rows are sent again, at the beginning of the next record."""

    def __init__(self, record_events: int, random: Random) -> None:
        self.record_events = record_events
        self.random = random
        self._ready: list[bytes] = []
        self._packed = 0
        self.rows: list[Row] = []
        self.quizzes: list[dict[str, Any]] = []
        self.offset = 0

    @property
    def events(self) -> int:
        return self._packed + len(self.rows) + len(self.quizzes)

    @property
    def ready_events(self) -> int:
        """Events in whole records."""
        return self._packed

    def cut_if_full(self) -> None:
        if len(self.rows) >= self.record_events:
            self.cut()

    def cut(self) -> None:
        """The rows so far are a record."""
        rows = self.rows
        self._packed += len(rows) + len(self.quizzes)
        self._ready.append(packed(rows, orjson.dumps(self.quizzes)))
        self.offset += 1
        rows[:] = [rows[-1][:1] + row[1:] for row in self._lost_answers()]
        self.quizzes = []

    def taken(self) -> list[bytes]:
        """The records since this was last asked."""
        ready, self._ready = self._ready, []
        return ready

    def _lost_answers(self) -> list[Row]:
        number = int(len(self.rows) * SENT_TWICE + self.random.random())
        return self.random.sample(self.rows, number)


class Partition:
    """The players of one partition; `numbers`: its teachers, of whom `active` play at once.
    `visit_beats`: nearly all leave after so many, and it is the next one's turn, and cheats, whose
    claims would be a quarter of that, stay away; 0: all stay.
    """

    def __init__(
        self, numbers: "array[int]", active: int, packing: Packing, truth: Truth,
        watched: list[Video], visit_beats: int = 0,
    ) -> None:
        self._visit_beats = visit_beats
        self.packing = packing
        self._truth = truth
        self._videos = watched
        self._random = random = packing.random
        self._numbers = numbers
        self._on: set[int] = set()
        self._detoured: set[int] = set()
        self._cheats: list[Cheat] = []
        self._cheat_at = NEVER
        honest = sum(not is_cheat(number) for number in numbers)
        self._phases = sorted(random.randrange(BEAT_MS) for _ in range(min(active, honest)))
        self._coming = self._queue()
        self._plays: list[Play] = []

    def begin(self, at: int) -> None:
        """The first players have just opened their plays when the evening begins (epoch ms)."""
        self._plays = [self._another(at + phase - BEAT_MS) for phase in self._phases]

    def round(self, begins_at: int) -> None:
        """Everybody's beat of these BEAT_MS, in the order of receive time."""
        packing, rows, limit = self.packing, self.packing.rows, self.packing.record_events
        for slot, (phase, play) in enumerate(zip(self._phases, self._plays, strict=True)):
            now, end = begins_at + phase, play.at + play.step
            if now >= self._cheat_at:
                self._cheat_until(now)
            if end >= play.plain_until:
                self._turn(slot, play, now)
                continue
            rows.append((now, play.teacher_id, play.video.id, play.session_id, play.opened_at,
                         play.seq, play.at, end, play.rate))
            play.seq += 1
            play.at = end
            if len(rows) >= limit:
                packing.cut()

    def _turn(self, slot: int, play: Play, now: int) -> None:
        if play.silent:
            play.silent -= 1
            play.aim()
        elif self._beat(play, now):
            self._plays[slot] = self._next(play, now)

    def _beat(self, play: Play, now: int) -> bool:
        """A beat in which something may happen; whether the play is over."""
        end = min(play.at + play.step, play.marks[-1].at)
        self.packing.rows.append((now, *_of(play), play.seq, play.at, end, play.rate))
        play.seq += 1
        play.at = end
        for mark in play.reached():
            if mark.quiz is not None:
                self.packing.quizzes.append(self._handed_in(play, mark.quiz, now))
            elif mark.what is What.RETURN:
                play.come_back(self._session_id(), now)
        self._note(play)
        play.aim()
        self.packing.cut_if_full()
        return not play.marks

    def _handed_in(self, play: Play, quiz: Any, now: int) -> dict[str, Any]:
        teacher_id, resource_id, session_id, opened_at = _of(play)
        play.seq += 1
        return {"v": 1, "received_at": now, "teacher_id": teacher_id, "resource_id": resource_id,
                "session_id": session_id, "opened_at": opened_at, "seq": play.seq - 1,
                "quiz_id": quiz.id, "answers": quiz.key}

    def _note(self, play: Play) -> None:
        """What was full or done before stays so."""
        teacher_id, video = play.teacher_id, play.video
        if play.is_full:
            self._truth.full.setdefault((teacher_id, video.id), self.packing.offset)
        if play.is_done:
            for programme in video.programmes:
                self._truth.done.setdefault((teacher_id, programme, video.id), self.packing.offset)

    def _next(self, play: Play, now: int) -> Play:
        if not self._is_visitor(play.number) and self._random.random() < GOES_ON:
            return self._honest(play.number, now)
        self._on.discard(play.number)
        return self._another(now)

    def _another(self, now: int) -> Play:
        """One who has not been on, as long as there are such. Cheats whose turn it is begin beside.
        """
        for number, is_first_time in self._coming:
            if is_cheat(number) and is_first_time and not self._visit_beats:
                self._begin_cheating(number, now)
            elif number not in self._on and not is_cheat(number):
                break
        self._on.add(number)
        return self._honest(number, now)

    def _queue(self) -> Iterator[tuple[int, bool]]:
        """All teachers with True, and then again and again with False."""
        return chain(zip(self._numbers, repeat(True)),
                     chain.from_iterable(zip(self._numbers, repeat(False)) for _ in repeat(None)))

    def _honest(self, number: int, now: int) -> Play:
        """A video is kept for the teacher's detour, of which there is one at most: what that leaves
        out no other play may fill.
        """
        kept = number % len(self._videos)
        rate = self._random.choices(_RATES, _SHARES)[0]
        if number not in self._detoured and self._random.random() < DETOURS and (
            not self._is_visitor(number)
        ):
            self._detoured.add(number)
            video = self._videos[kept]
            return self._opened(number, video, now, rate, detour(video, self._random))
        other = kept + self._random.randrange(1, len(self._videos))
        video = self._videos[other % len(self._videos)]
        if self._is_visitor(number):
            way = visit(video, self._visit_beats * BEAT_MS * rate // 100, self._random)
        else:
            way = honest(video, self._random)
        return self._opened(number, video, now, rate, way)

    def _is_visitor(self, number: int) -> bool:
        return self._visit_beats > 0 and number % STAYS != 0

    def _opened(self, number: int, video: Video, now: int, rate: int, way: Way) -> Play:
        return Play(number, name(number), video, self._session_id(), now, rate, *way)

    def _claimed(self, number: int, video: Video, now: int) -> Play:
        play = self._opened(number, video, now, 100, cheats(video))
        play.is_cheat = True
        return play

    def _session_id(self) -> str:
        """As the collector's uuid4().hex."""
        return f"{self._random.getrandbits(128):032x}"

    def _begin_cheating(self, number: int, now: int) -> None:
        first, *others = self._random.sample(self._videos, CHEAT_VIDEOS)
        self._line_up(Cheat(self._claimed(number, first, now), others, now + CHEAT_MS))

    def _line_up(self, cheat: Cheat) -> None:
        insort(self._cheats, cheat, key=lambda one: one.due)
        self._cheat_at = self._cheats[0].due

    def _cheat_until(self, now: int) -> None:
        """Their claims up to `now`, in the order of time."""
        while self._cheats and self._cheats[0].due <= now:
            cheat = self._cheats.pop(0)
            is_over = self._beat(cheat.play, cheat.due)
            if is_over and cheat.videos:
                cheat.play = self._claimed(cheat.play.number, cheat.videos.pop(), cheat.due)
            if cheat.play.marks:
                cheat.due += CHEAT_MS
                self._line_up(cheat)
        self._cheat_at = self._cheats[0].due if self._cheats else NEVER


_RATES, _SHARES = list(RATES), list(RATES.values())


def _of(play: Play) -> tuple[str, str, str, int]:
    return play.teacher_id, play.video.id, play.session_id, play.opened_at


def is_cheat(number: int) -> bool:
    return number % CHEATS == 7
