"""One line an event, whatever is in it; and no floods."""

import io
import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.logs.flood import LINES, MOST_KINDS, Flood
from pipeline.logs.line import Json, Logfmt, fields
from pipeline.logs.setup import Lines, config

NASTY = 'two\nlines, "quotes" \\ and = and 学时 \x1b[31m'


def record(message: str, *values: object, level: int = logging.INFO, **named: object
           ) -> logging.LogRecord:
    made = logging.LogRecord("xueshi.worker", level, "", 0, message, values, None)
    made.created = 1_690_000_000.25
    for key, value in fields(**named).items():
        setattr(made, key, value)
    return made


def test_logfmt_is_read_by_people_and_by_machines() -> None:
    line = Logfmt("worker").format(record("owns %d", 3, topic="x.telemetry", partition=3, offset=9))
    assert line == ('at=2023-07-22T04:26:40.250Z level=info process=worker logger=xueshi.worker '
                    'msg="owns 3" topic=x.telemetry partition=3 offset=9')


@pytest.mark.parametrize("form", [Json("worker"), Logfmt("worker")])
@given(text=st.text())
def test_an_event_is_one_line(form: logging.Formatter, text: str) -> None:
    for nasty in (text, NASTY, f"{text}\r\n{text}"):
        line = form.format(record("%s", nasty, reason=nasty))
        assert "\n" not in line
        assert "\r" not in line


@given(text=st.text())
def test_json_gives_back_what_was_said(text: str) -> None:
    said = json.loads(Json("loader").format(record("%s", text, partition=2)))
    assert (said["msg"], said["partition"], said["process"]) == (text, 2, "loader")


def test_a_traceback_stays_with_its_line() -> None:
    try:
        raise ValueError(NASTY)
    except ValueError:
        made = record("unexpected")
        made.exc_info = sys.exc_info()
    for form in (Json("worker"), Logfmt("worker")):
        line = form.format(made)
        assert "\n" not in line
        assert "ValueError" in line
        assert "test_lines.py" in line


def test_a_flood_is_cut_and_the_next_line_says_how_many_are_missing() -> None:
    flood, kind = Flood(), ("xueshi", logging.INFO, "refused: %s")
    passed = [flood.passes(kind, at / 100) for at in range(500)]
    assert [one for one in passed if one is not None] == [0] * LINES
    assert flood.passes(("xueshi", logging.INFO, "another"), 5.0) == 0
    assert flood.passes(kind, 11.0) == 500 - LINES
    assert flood.passes(kind, 11.1) == 0


def test_a_clock_that_was_set_back_silences_nothing() -> None:
    flood, kind = Flood(lines=1), ("x", 0, "")
    assert flood.passes(kind, 1_000.0) == 0
    assert flood.passes(kind, 500.0) == 0


def test_kinds_without_end_use_no_memory_without_end() -> None:
    flood = Flood()
    for number in range(3 * MOST_KINDS):
        flood.passes(("x", 0, str(number)), 0.0)
    assert len(flood._spans) <= MOST_KINDS


def test_what_is_critical_is_always_written_and_all_is_counted() -> None:
    lines, written = Lines(Logfmt("worker")), io.StringIO()
    lines.setStream(written)
    for level in (logging.WARNING, logging.CRITICAL):
        for number in range(100):
            lines.handle(record("said %d", number, level=level))
    said = written.getvalue().splitlines()
    assert len([line for line in said if "level=warning" in line]) == LINES
    assert len([line for line in said if "level=critical" in line]) == 100
    assert lines.counts == {"WARNING": 100, "CRITICAL": 100}


def test_logging_set_up_once_more_keeps_the_handler_and_its_counts() -> None:
    """As Faust does when it starts."""
    lines = Lines(Logfmt("worker"))
    said = config(lines, {"kafka": "CRITICAL"})
    assert said["handlers"]["stderr"]["()"]() is lines
    assert said["loggers"] == {"kafka": {"level": "CRITICAL"}}
