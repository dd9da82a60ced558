"""What was refused, why, and what helps: the lines of the page, grouped by reason."""

from collections.abc import Iterator, Sequence

from audit.explain.explanation import Explanation
from audit.explain.refusals import Refusal
from audit.explain.spending import Cause, Play
from audit.explain.steps import quiz_place
from audit.explain.trying import Limited
from audit.explain.words import (
    from_moment_on,
    length,
    moment,
    period,
    reason,
    short,
    stretches,
)
from pipeline.rules.intervals import total
from pipeline.schemas.rejections import Reason
from pipeline.schemas.topics import ADJUSTMENTS, ENROLMENTS

MOST_LINES = 20
"""Of one reason."""
MOST_PLAYS = 3
"""Named as having taken the time."""
TOPICS = {ENROLMENTS.name: "报名记录", ADJUSTMENTS.name: "人工调整"}
ADVICE = {
    Cause.OTHER_PLAYS: "请同一时间只在一处播放一个视频。",
    Cause.OFFLINE_TOO_LONG: "断网观看以后，请尽早联网上报。",
    Cause.FASTER_THAN_TIME: "请正常播放，看了多久就算多久。",
}


def refused_lines(one: Explanation) -> Iterator[str]:
    """A heading, then for each reason its words once and a line a play session; or nothing."""
    if one.seen.refusals:
        yield "\n■ 没有采纳的记录"
    groups: dict[tuple[Reason, Cause | None], list[Refusal]] = {}
    for refusal in one.seen.refusals:
        groups.setdefault((refusal.reason, refusal.cause), []).append(refusal)
    for (code, cause), group in groups.items():
        yield f"· {reason(code, cause)}。{ADVICE[cause] if cause else ''}"
        yield from (f"  - {_refusal(one, refusal)}" for refusal in group[:MOST_LINES])
        if len(group) > MOST_LINES:
            yield f"  - 等共{len(group)}次播放"


def _refusal(one: Explanation, refusal: Refusal) -> str:
    claimed = f"，位置{stretches(refusal.claimed)}" if refusal.claimed else ""
    mended = "；后来已经重新处理并采纳" if refusal.was_mended else ""
    limits = "".join(_limit(one, limited) for limited in refusal.limits.values())
    return (f"{_which(one, refusal)}{period(refusal.first_at, refusal.last_at, one.now)}，"
            f"{refusal.count}条{claimed}{_time(one, refusal)}{limits}{mended}。")


def _limit(one: Explanation, limited: Limited) -> str:
    """How many attempts were used, and from when on the next one counts (rule 10 ⚙)."""
    quiz = next(quiz for quiz in one.resource.quizzes if quiz.id == limited.quiz_id)
    names = [f.listing.programme.name for f in one.findings
             if f.listing.programme.id == limited.programme_id and len(one.findings) > 1]
    return (f"；{quiz_place(quiz, one.resource.duration_ms)}的测验"
            f"{''.join(f'在{name}里' for name in names)}24小时以内最多批改{limited.limit}次，"
            f"当时已用{limited.used}次，{from_moment_on(limited.next_at, one.now)}再交才算")


def _which(one: Explanation, refusal: Refusal) -> str:
    if refusal.topic in TOPICS:
        return f"{TOPICS[refusal.topic]}，"
    if refusal.session_id is None:
        return ""
    number = _number(one, refusal.session_id)
    return f"第{number}次播放，" if number else f"播放{short(refusal.session_id)}，"


def _number(one: Explanation, session_id: str) -> int | None:
    """Which one of the listed sessions it is, from 1."""
    ids = [session.session_id for session in one.seen.sessions]
    return ids.index(session_id) + 1 if session_id in ids else None


def _time(one: Explanation, refusal: Refusal) -> str:
    """The figures behind a lack of time."""
    match refusal.cause:
        case Cause.OTHER_PLAYS:
            return f"；当时算给了{_taken(one, refusal)}"
        case Cause.OFFLINE_TOO_LONG:
            return f"；最多补报收到之前{length(one.offline_grace_ms)}以内的观看"
        case Cause.FASTER_THAN_TIME:
            return (f"；前后只有{length(refusal.elapsed_ms)}，这些却要看"
                    f"{length(refusal.needed_ms)}")
    return ""


def _taken(one: Explanation, refusal: Refusal) -> str:
    others = [(play, spans) for play, spans in refusal.taken.items()
              if play.session_id != refusal.session_id]
    longest = sorted(others, key=lambda other: -total(other[1]))
    more = f"等{len(longest)}次播放" if len(longest) > MOST_PLAYS else ""
    return "、".join(_play(one, play, spans) for play, spans in longest[:MOST_PLAYS]) + more


def _play(one: Explanation, play: Play, spans: Sequence[int]) -> str:
    number = _number(one, play.session_id)
    title = one.titles.get(play.resource_id, play.resource_id)
    name = f"第{number}次播放" if number else f"《{title}》的播放{short(play.session_id)}"
    return f"{name}（{moment(spans[0], one.now)}起，{length(total(list(spans)))}）"
