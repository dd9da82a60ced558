"""What a landing makes of records: rows, current state, days, offsets. Real DuckDB."""

import logging
from datetime import date

import duckdb
import pytest

from pipeline.schemas.rejections import Reason
from pipeline.settings import Settings
from tests.warehouse.helpers import (
    DAY,
    HOUR,
    NAMES,
    NOON,
    Log,
    entry,
    land_all,
    refusal,
    region,
    rows,
    school,
    story,
    teacher,
    verified,
    warehouse,
)
from warehouse.batch import Batch
from warehouse.landing import Landed, land
from warehouse.offsets import known_offsets

PROGRESS = """
SELECT teacher_id, last_seq, epoch_ms(enrolled_at), epoch_ms(started_at), epoch_ms(completed_at),
       learned, credited, recognised
FROM progress ORDER BY ALL"""
COURSES = "SELECT teacher_id, course_id, learned, credited FROM course_progress ORDER BY ALL"
DAYS = """
SELECT school_id, local_day, enrolled, started, completed, learned, credited
FROM daily ORDER BY ALL"""

TEACHER_A = story(
    "a", ("enrolled",), ("started",), ("learned", "ideals", 3000, 3000),
    ("learned", "cases", 3000, 2700), ("learned", "ideals", 3000, 5400), ("completed",))


def test_rule_13_progress_follows_the_ledger_and_is_recognised_on_completion(
    local: Settings,
) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.ledger(*TEACHER_A[:5]))
        assert rows(db, PROGRESS) == [("a", 5, NOON, NOON, None, 9000, 8100, 0)]
        land_all(db, log.ledger(TEACHER_A[5]))
        assert rows(db, PROGRESS) == [("a", 6, NOON, NOON, NOON, 9000, 8100, 8100)]
        assert rows(db, COURSES) == [("a", "cases", 3000, 2700), ("a", "ideals", 6000, 5400)]
        assert rows(db, "SELECT count(*) FROM ledger") == [(6,)]


def test_rule_14_repeats_in_a_batch_and_across_batches_change_nothing(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.ledger(*TEACHER_A[:3], *TEACHER_A[:4]))
        again = land_all(db, log.ledger(*TEACHER_A))
        assert (again.records, again.entries, again.gaps) == (6, 2, 0)
        assert rows(db, PROGRESS) == [("a", 6, NOON, NOON, NOON, 9000, 8100, 8100)]
        assert rows(db, "SELECT seq FROM ledger ORDER BY seq") == [(n,) for n in range(1, 7)]
        assert rows(db, "SELECT sum(learned), sum(credited), sum(completed) FROM daily") == [
            (9000, 8100, 1)]


def test_rule_14_within_a_batch_the_last_seq_wins_not_the_last_arrival(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        landed = land_all(db, log.ledger(*reversed(TEACHER_A)))
        assert landed.gaps == 0
        assert rows(db, COURSES) == [("a", "cases", 3000, 2700), ("a", "ideals", 6000, 5400)]


def test_a_gap_is_taken_recorded_and_alarmed(
    local: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()
    with warehouse(local) as db, caplog.at_level(logging.WARNING):
        landed = land_all(db, log.ledger(*TEACHER_A[:2], *TEACHER_A[4:]))
        assert landed == Landed(records=4, entries=4, gaps=1)
        assert rows(db, "SELECT teacher_id, after_seq, before_seq FROM ledger_gaps") == [
            ("a", 2, 5)]
        # Entry 5 carries the course's totals: what is known is right all the same.
        assert rows(db, COURSES) == [("a", "ideals", 6000, 5400)]
    assert "ALARM: 1 gaps" in caplog.text


def test_a_gap_between_landings_is_seen_too(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.ledger(*TEACHER_A[:2]))
        assert land_all(db, log.ledger(TEACHER_A[3])).gaps == 1


def test_days_are_those_of_shanghai_under_the_school_of_the_landing(local: Settings) -> None:
    log = Log()
    midnight = NOON + 12 * HOUR
    with warehouse(local) as db:
        land_all(db, log.roster(teacher("a", "s1")))
        land_all(db, log.ledger(
            entry("a", 1, "started", at=midnight - 1),
            entry("a", 2, "learned", "ideals", 100, 100, 100, at=midnight),
            entry("stranger", 1, "learned", "ideals", 7, 0, 7, at=midnight)))
        # Rule 22: the day stays where it was when the teacher moves.
        land_all(db, log.roster(teacher("a", "s2", at=2000)))
        land_all(db, log.ledger(entry("a", 3, "learned", "ideals", 150, 150, 50, at=midnight)))
        assert rows(db, DAYS) == [
            ("", date(2023, 7, 21), 0, 0, 0, 7, 0),
            ("s1", date(2023, 7, 20), 0, 1, 0, 0, 0),
            ("s1", date(2023, 7, 21), 0, 0, 0, 100, 100),
            ("s2", date(2023, 7, 21), 0, 0, 0, 50, 50),
        ]


def test_a_milestone_told_again_with_another_moment_counts_once(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.ledger(entry("a", 1, "enrolled"), entry("a", 2, "enrolled", at=NOON - 1)))
        land_all(db, log.ledger(entry("a", 3, "enrolled", at=NOON - DAY)))
        assert rows(db, "SELECT sum(enrolled) FROM daily") == [(1,)]
        assert rows(db, "SELECT epoch_ms(enrolled_at) FROM progress") == [(NOON - DAY,)]


@pytest.mark.parametrize("together", [True, False])
def test_rule_22_what_is_dated_later_holds_however_late_it_arrives(
    local: Settings, together: bool
) -> None:
    log = Log()
    records = log.roster(
        teacher("a", "new", at=3000), teacher("a", "old", at=1000),
        verified("a", True, at=3000), verified("a", False, at=2000),
        verified("b", True, at=3000), verified("b", False, at=4000))
    with warehouse(local) as db:
        for part in [records] if together else [[one] for one in records]:
            land_all(db, part)
        ms = "make_timestamptz({} * 1000)".format
        assert rows(db, f"SELECT teacher_id, school_id FROM teachers_at({ms(5000)})") == [
            ("a", "new")]
        assert rows(db, f"SELECT teacher_id, school_id FROM teachers_at({ms(2999)})") == [
            ("a", "old")]
        assert rows(db, f"SELECT teacher_id, verified FROM verifications_at({ms(5000)}) ORDER BY 1"
                    ) == [("a", True), ("b", False)]


def test_rule_22_a_correction_of_the_same_date_and_back_again(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        for place in ("s1", "s2", "s1"):
            land_all(db, log.roster(teacher("a", place)))
            assert rows(db, "SELECT school_id FROM teachers_at(now())") == [(place,)]
        land_all(db, log.roster(*(teacher("a", place) for place in ("s1", "s2", "s1"))))
        assert rows(db, "SELECT school_id FROM teachers_at(now())") == [("s1",)]


def test_a_roster_sent_again_does_not_grow(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        for _ in range(3):
            land_all(db, log.roster(
                teacher("a", "s1"), verified("a"), school("s1", "110101"),
                region("110101", "东城区")))
        for table in ("teachers", "verifications", "schools", "regions"):
            assert rows(db, f"SELECT count(*) FROM {table}") == [(1,)], table


def test_a_tombstone_takes_away_what_came_before_it_and_nothing_later(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.roster(teacher("a", "s1"), teacher("b", "s1"), school("s1", "110101")))
        land_all(db, [
            *log.roster(None, key=b"teacher:a"),
            *log.roster(teacher("a", "s1")),  # the same again, after the tombstone
            *log.roster(teacher("b", "s2")),
            *log.roster(None, key=b"teacher:b"),
            *log.roster(None, key=b"school:s1"),
        ])
        assert rows(db, "SELECT teacher_id, school_id FROM teachers") == [("a", "s1")]
        assert rows(db, "SELECT count(*) FROM schools") == [(0,)]


def test_regions_and_schools_are_what_was_sent_last(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.roster(region("110101", "旧名"), region("110101", "东城区")))
        land_all(db, log.roster(school("s1", "110101"), school("s1", "110102", "a\x00\n'b")))
        assert rows(db, "SELECT name FROM regions") == [("东城区",)]
        assert rows(db, "SELECT region, name FROM schools") == [("110102", "a\x00\n'b")]


def test_rule_19_rejections_are_known_by_their_place_and_reason(local: Settings) -> None:
    log = Log()
    records = log.rejections(
        refusal(5), refusal(5), refusal(5, Reason.BAD_STRETCH),
        refusal(5, session_id="s1"), refusal(5, session_id="s2"), refusal(5, session_id="s1"),
        refusal(6, session_id="s1", teacher_id="t1", resource_id="r1"),
        refusal(6, session_id="s1", teacher_id="t2", resource_id="r1"),
        refusal(6, session_id="s1", teacher_id="t2", resource_id="r2"),
        refusal(-1), refusal(-1))
    with warehouse(local) as db:
        land_all(db, records)
        land_all(db, log.rejections(
            refusal(5), refusal(5, session_id="s2"), refusal(-1),
            refusal(6, session_id="s1", teacher_id="t2", resource_id="r2")))
        found = rows(db, """
            SELECT kafka_offset, reason, session_id, count(*) FROM rejections
            GROUP BY ALL ORDER BY ALL""")
    assert found == [
        (-1, "malformed", None, 3), (5, "bad_stretch", None, 1), (5, "malformed", "s1", 1),
        (5, "malformed", "s2", 1), (5, "malformed", None, 1), (6, "malformed", "s1", 3)]


def test_rows_and_offsets_land_together_or_not_at_all(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.ledger(TEACHER_A[0]))
        bad = Batch(NAMES)
        for record in log.ledger(*TEACHER_A[1:]):
            bad.take(record, NOON)
        bad.rows["incoming_teachers"].append(("a", "s1", True, "not a number", 9))
        with pytest.raises(duckdb.Error):
            land(db, bad, NOON)
        assert known_offsets(db) == {(NAMES.ledger, 0): 1}
        assert rows(db, "SELECT count(*) FROM ledger") == [(1,)]
        # The connection is good for the next landing, and nothing is left over from the last.
        del bad.rows["incoming_teachers"]
        assert land(db, bad, NOON).entries == 5
        assert known_offsets(db) == {(NAMES.ledger, 0): 6}
