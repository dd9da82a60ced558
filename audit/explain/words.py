"""Moments, positions, hours and reasons as a helpdesk reads them out (Simplified Chinese)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from audit.explain.spending import Cause
from audit.explain.stretches import pairs
from pipeline.schemas.rejections import Reason

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")  # without summer time since 1991
CLOSE_MS = 3000
MINUTE_MS = 60_000
MOST_STRETCHES = 5

REASONS: Mapping[Reason, str] = {
    Reason.MALFORMED: "上报的内容有错误，系统无法识别",
    Reason.UNKNOWN_VERSION: "播放器的版本与系统不符，系统无法识别",
    Reason.TOMBSTONE: "收到的记录是空的",
    Reason.WRONG_PARTITION: "记录被存到了错误的位置，请转技术人员",
    Reason.UNKNOWN_RESOURCE: "当时这个资源不在任何研修的目录里，目录补上以后可以由技术人员重新处理",
    Reason.UNKNOWN_PROGRAMME: "记录里的研修项目不存在",
    Reason.UNKNOWN_COURSE: "记录里的课程不存在",
    Reason.UNKNOWN_QUIZ: "提交的不是这个视频的测验",
    Reason.TOO_MANY_ATTEMPTS: "24小时以内交卷的次数已经用完，这次没有批改，做对做错都不算",
    Reason.BAD_STRETCH: "上报的位置超出了视频长度，或者起止颠倒",
    Reason.TOO_SCATTERED: "上报的片段过于零碎，或者反复打开播放的次数过多",
    Reason.NO_TIME_LEFT: "实际经过的时间不够",
    Reason.TOO_OLD: "记录到得太晚，比这位教师最新的记录晚了一天以上",
}
CAUSES: Mapping[Cause, str] = {
    Cause.OTHER_PLAYS: "同一段时间已经算给了别的播放，一份时间只能算一次",
    Cause.OFFLINE_TOO_LONG: "断网期间看得太久，联网后一次上报的内容超出了允许补报的时长",
    Cause.FASTER_THAN_TIME: "实际经过的时间不够，看不完所上报的内容",
}


def moment(at: int, now: int) -> str:
    """`07-20 08:05`, with the year where it is not this year's. Beijing time."""
    local, today = _local(at), _local(now)
    return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")


def from_moment_on(at: int, now: int) -> str:
    """`07-20 08:06起`, rounded up: whoever is on time by this is not too early."""
    return f"{moment(-(-at // MINUTE_MS) * MINUTE_MS, now)}起"


def period(first: int, last: int, now: int) -> str:
    """`07-20 08:05`, `07-20 08:05到08:20` or `07-20 23:58到07-21 00:10`."""
    begin, end = moment(first, now), moment(last, now)
    if begin == end:
        return begin
    is_one_day = _local(first).date() == _local(last).date()
    return f"{begin}到{end.split(' ')[1] if is_one_day else end}"


def full_moment(at: int) -> str:
    """`2023-07-20 08:05`, Beijing time."""
    return _local(at).strftime("%Y-%m-%d %H:%M")


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, BEIJING)


def position(ms: int) -> str:
    """`03:10`, or `01:03:10` from an hour on; rounded down."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def length(ms: int) -> str:
    """`15秒`, `3分40秒`, `1小时5分`; rounded up, as something that is left is never nothing."""
    minutes, seconds = divmod(-(-ms // 1000), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"
    if minutes:
        return f"{minutes}分{seconds}秒" if seconds else f"{minutes}分钟"
    return f"{seconds}秒"


def stretch(start: int, end: int) -> str:
    """`03:10–03:25`, rounded outwards to whole seconds."""
    return f"{position(start)}–{position(-(-end // 1000) * 1000)}"


def stretches(spans: Sequence[int]) -> str:
    """The first MOST_STRETCHES in words; those closer together than CLOSE_MS are one."""
    return _listed([stretch(*pair) for pair in pairs(joined_up(spans))])


def watched(spans: Sequence[int]) -> str:
    """The same for what was watched: rounded inwards, so that it does not touch what was not."""
    whole = [(-(-start // 1000) * 1000, end // 1000 * 1000) for start, end in pairs(spans)]
    return _listed([stretch(start, end) for start, end in whole if start < end])


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:MOST_STRETCHES]) + ("等" if len(names) > MOST_STRETCHES else "")


def joined_up(spans: Sequence[int]) -> list[int]:
    """The stretches without the small spaces between them, which nobody could aim at."""
    out: list[int] = []
    for start, end in pairs(spans):
        if out and start - out[-1] < CLOSE_MS:
            out[-1] = end
        else:
            out += (start, end)
    return out


def hours(seconds: int, seconds_per_hour: int) -> str:
    """`0.60`: two decimals, rounded down, so that nothing is shown before it is reached."""
    hundredths = seconds * 100 // seconds_per_hour
    return f"{hundredths // 100}.{hundredths % 100:02}"


def hours_left(seconds: int, seconds_per_hour: int) -> str:
    """The same rounded up: what is lacking is never shown as nothing."""
    return hours(-(-seconds * 100 // seconds_per_hour), 100)


def short(session_id: str) -> str:
    """The last eight characters: enough to find it again."""
    return session_id[-8:]


def reason(code: Reason, cause: Cause | None) -> str:
    """The reason in words, with its code for those who look it up."""
    words = CAUSES[cause] if cause else REASONS[code]
    return f"{words}（{code}）"
