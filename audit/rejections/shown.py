"""Rejections as text for a terminal, and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from audit.rejections.records import Found, place_of
from audit.rejections.words import MEANING
from pipeline.schemas.rejections import Rejection
from pipeline.schemas.replays import Replay

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")  # without summer time since 1991
DETAIL = 60
MOST_BYTES = 4096
LINE_BYTES = 16


def moment(at: int) -> str:
    """2023-07-20 03:12:05, in Asia/Shanghai."""
    return datetime.fromtimestamp(at / 1000, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def line(one: Found) -> str:
    """One line of a list."""
    r = one.rejection
    ids = " ".join(id_ for id_ in (r.teacher_id, r.resource_id, r.session_id) if id_)
    return (f"#{one.number:<8} {moment(r.at)}  {r.reason:<17} {r.count:>6}  "
            f"{safe(place_of(r)):<24}  {_cut(safe('  '.join(filter(None, (ids, r.detail)))))}"
            ).rstrip()


def _cut(text: str) -> str:
    return text if len(text) <= 2 * DETAIL else f"{text[:2 * DETAIL]}…"


def safe(text: str) -> str:
    """The text without what could drive a terminal: it quotes what strangers sent."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def as_json(one: Found) -> dict[str, Any]:
    """All but the raw bytes."""
    r = one.rejection
    return {
        "number": one.number, "place": place_of(r), "topic": r.topic, "partition": r.partition,
        "offset": r.offset, "refused_at": moment(r.at), "at": r.at, "reason": str(r.reason),
        "count": r.count, "teacher_id": r.teacher_id, "resource_id": r.resource_id,
        "session_id": r.session_id, "detail": r.detail,
    }


def whole_json(one: Found, replays: Sequence[Replay]) -> dict[str, Any]:
    """Everything; `raw` in base64url, as on the topic."""
    raw = one.rejection.model_dump(mode="json", include={"raw"})
    return {**as_json(one), "stored_at": one.stored_at, "raw_bytes": len(one.rejection.raw),
            **raw, "replays": [_replay_json(replay) for replay in replays]}


def _replay_json(replay: Replay) -> dict[str, Any]:
    return {"at": replay.at, "to": _target(replay)}


def _target(replay: Replay) -> str:
    return f"{replay.topic}/{replay.to_partition}/{replay.to_offset}"


def page(one: Found, replays: Sequence[Replay]) -> str:
    """Everything about one rejection, a field a line, and its raw bytes."""
    rows = "\n".join(f"{name:<12}{value}" for name, value in _fields(one, replays) if value)
    return f"{rows}\n\n{dump(one.rejection.raw)}"


def _fields(one: Found, replays: Sequence[Replay]) -> Iterator[tuple[str, str]]:
    r = one.rejection
    yield "rejection", f"#{one.number}, stored {moment(one.stored_at)}"
    yield "refused at", f"{moment(r.at)} (Asia/Shanghai)"
    yield "place", safe(place_of(r))
    yield "reason", f"{r.reason}: {MEANING[r.reason]}"
    yield "events", f"{r.count:,}"
    yield "teacher", r.teacher_id or ""
    yield "resource", r.resource_id or ""
    yield "session", r.session_id or ""
    yield "detail", safe(r.detail)
    for replay in replays:
        yield "replayed", f"{moment(replay.at)} as {_target(replay)}"
    yield "raw", _size(r)


def _size(rejection: Rejection) -> str:
    raw = rejection.raw
    if not raw:
        return "0 bytes"
    return f"{len(raw):,} bytes, {'binary' if _text(raw) is None else 'text'}"


def dump(raw: bytes) -> str:
    """The bytes as text where they are text, else in hexadecimal; the first of them if many."""
    text = _text(raw)
    if text is not None:
        shown = text[:MOST_BYTES]
        return shown + _more(len(text) - len(shown), "characters")
    return "\n".join(_hex_lines(raw[:MOST_BYTES])) + _more(len(raw) - MOST_BYTES, "bytes")


def _text(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\n\t" for c in text) else None


def _more(left: int, unit: str) -> str:
    return f"\n… and {left:,} {unit} more: --raw FILE writes all" if left > 0 else ""


def _hex_lines(raw: bytes) -> Iterator[str]:
    for at in range(0, len(raw), LINE_BYTES):
        piece = raw[at : at + LINE_BYTES]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
        yield f"{at:08x}  {piece.hex(' '):<{3 * LINE_BYTES}} {text}"
