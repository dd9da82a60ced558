"""A programme of short videos that is open today, so that plays in real time complete something."""

from datetime import UTC, datetime
from pathlib import Path

ID = "path"
COURSES, VIDEOS = 8, 8
DAY_MS = 86_400_000
RESOURCES = [f"c{course}-{video}" for course in range(COURSES) for video in range(VIDEOS)]

HEAD = """\
id = "{id}"
name = "end to end"
seconds_per_hour = {seconds}
gap_tolerance_ms = 0

[window]
opens_at = {opens_at}
closes_at = {closes_at}

[clock]
max_rate = 2.0
offline_grace_seconds = 7200
slack_seconds = 10
"""
COURSE = """
[[courses]]
id = "c{course}"
name = "course {course}"
hours = 4
"""
VIDEO = """
[[courses.resources]]
id = "{resource}"
kind = "video"
title = "video {resource}"
duration_seconds = {seconds}
"""


def write(folder: Path, seconds: int, now: int) -> None:
    """The folder's only programme file: all RESOURCES last `seconds`, and the window is open from
    a day before `now` (epoch milliseconds) until thirty days after it.
    """
    folder.mkdir(parents=True)
    text = HEAD.format(id=ID, seconds=seconds, opens_at=_instant(now - DAY_MS),
                       closes_at=_instant(now + 30 * DAY_MS))
    for course in range(COURSES):
        text += COURSE.format(course=course)
        text += "".join(VIDEO.format(resource=one, seconds=seconds)
                        for one in RESOURCES if one.startswith(f"c{course}-"))
    (folder / f"{ID}.toml").write_text(text, "utf-8")


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
