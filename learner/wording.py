"""Lengths, places in a video, hours and moments as a teacher reads them (Simplified Chinese)."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from warehouse.render import hours as rounded_down

BEIJING = ZoneInfo("Asia/Shanghai")
MOST_STRETCHES = 5


def hours(seconds: int, seconds_per_hour: int) -> str:
    """`1.99`: rounded down, so that nothing is shown before it is reached."""
    return f"{rounded_down(seconds, seconds_per_hour):.2f}"


def hours_left(seconds: int, seconds_per_hour: int) -> str:
    """`0.01`: rounded up, so that who learns as much more has enough."""
    return f"{-(-seconds * 100 // seconds_per_hour) / 100:.2f}"


def length(ms: int) -> str:
    """`1 分 20 秒`, `2 分钟`, rounded up: what is left is never nothing."""
    minutes, seconds = divmod(-(-ms // 1000), 60)
    hours_, minutes = divmod(minutes, 60)
    parts = ((hours_, "小时"), (minutes, "分" if seconds else "分钟"), (seconds, "秒"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 秒"


def place(ms: int) -> str:
    """`02:10`, or `1:02:10` from an hour on; rounded down."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours_, minutes = divmod(minutes, 60)
    return f"{hours_}:{minutes:02}:{seconds:02}" if hours_ else f"{minutes:02}:{seconds:02}"


def pairs(spans: Sequence[int]) -> list[tuple[int, int]]:
    """The stretches of a flat list."""
    return list(zip(spans[::2], spans[1::2], strict=True))


def stretch(start: int, end: int) -> str:
    """`02:10–02:40`, rounded outwards to whole seconds."""
    return f"{place(start)}–{place(-(-end // 1000) * 1000)}"


def stretches(spans: Sequence[int], most: int = MOST_STRETCHES) -> str:
    """The first ones of a flat list."""
    found = [stretch(*pair) for pair in pairs(spans)]
    return "、".join(found[:most]) + (" 等" if len(found) > most else "")


def moment(at: int) -> str:
    """`2023年7月20日 12:05`, by China's clock, from epoch ms."""
    local = datetime.fromtimestamp(at // 1000, BEIJING)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
