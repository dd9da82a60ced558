"""The path's benchmark: its figures, its crowd, and that each of its checks can fail."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import httpx
import orjson
import pytest

from audit.evidence import Stored
from bench.path import programme, streaming
from bench.path.crediting import Entry, finals, require_right
from bench.path.crowd import Crowd, Final, Placed
from bench.path.figures import Run, as_rows, percentile, table
from bench.path.players import Completing, Found, Job, Level
from bench.path.showing import Page, get, require_counted
from bench.path.sightings import Commits, Sighting, seen
from bench.path.traces import Place, Trace, done, learned, percentiles, require_same, traces
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.roster import ROSTER
from pipeline.settings import Settings

NOW = 1_690_000_000_000
TEACHERS, PARTITIONS = 900, 4
NAMES = {"110101": "东城区", "110000": "北京市", "330102": "上城区", "540102": "城关区"}


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    programmes = load_catalogue(Settings().programmes_dir).programmes
    return Crowd(programmes["2023-summer"], TEACHERS, PARTITIONS)


@pytest.mark.parametrize(("values", "share", "expected"), [
    ([7.0], 0.99, 7.0),
    ([3.0, 1.0, 2.0], 0.5, 2.0),
    (range(1, 101), 0.5, 50),
    (range(1, 101), 0.99, 99),
    (range(1, 102), 0.99, 100),
    ([1.0, 2.0], 1.0, 2.0),
])
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(
    values: list[float], share: float, expected: float
) -> None:
    assert percentile(values, share) == expected


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_table_has_median_and_range_of_what_was_measured() -> None:
    runs = [Run("loader", {"rows": rows, "wall, s": 1.0}) for rows in (5000, 9000, 7000)]
    told = table(runs, {"loader": {"rows": ",.0f", "wall, s": ".1f"}, "pages": {"p50": ".1f"}})
    assert "| loader | rows | 7,000 (5,000–9,000) | 3 |" in told
    assert "pages" not in told
    assert as_rows(runs)[1] == {"part": "loader", "rows": 9000, "wall, s": 1.0}


def test_the_crowds_records_are_just_as_the_product_writes_them(crowd: Crowd) -> None:
    for records, model in ((crowd.ledger(), LedgerEntry), (crowd.completions(), Completion),
                           (crowd.enrolments(), Enrolment)):
        for record in records:
            read = model.model_validate_json(record.value)
            assert read.to_json() == record.value
            assert isinstance(read, LedgerEntry | Completion | Enrolment)
            assert read.teacher_id.encode() == record.key
            assert partition_of(read.teacher_id, PARTITIONS) == record.partition


def test_the_roster_has_everybody_and_every_school(crowd: Crowd) -> None:
    found = [ROSTER.validate_json(record.value) for record in crowd.roster(NAMES)]
    kinds = [one.kind for one in found]
    assert (kinds.count("teacher"), kinds.count("school")) == (TEACHERS, 11)
    assert crowd.on_roster("11", NAMES) + crowd.on_roster("33", NAMES) == TEACHERS
    assert crowd.on_roster("54", NAMES) == 0


def test_what_the_ledger_comes_to_is_what_its_entries_add_up_to(crowd: Crowd) -> None:
    rows = [LedgerEntry.model_validate_json(record.value) for record in crowd.ledger()]
    ends = crowd.finals.values()
    assert crowd.sums == (
        len(rows), sum(row.seconds for row in rows), sum(row.learned for row in rows),
        sum(row.credited for row in rows),
        sum(learned for end in ends for learned, _ in end.courses.values()),
        sum(credited for end in ends for _, credited in end.courses.values()),
        sum(end.completed for end in ends))


def entries(records: Iterator[Placed]) -> list[Entry]:
    bodies = [orjson.loads(record.value) for record in records]
    return [Entry(b["teacher_id"], b["seq"], b["kind"], b.get("course_id"), b["learned"],
                  b["credited"]) for b in bodies]


def test_a_ledger_that_says_what_is_true_is_right_also_with_repeats(crowd: Crowd) -> None:
    right = entries(crowd.ledger())
    require_right([*right, *right[:50], *reversed(right)], crowd)


def one_second_more(right: list[Entry]) -> list[Entry]:
    place = max(place for place, one in enumerate(right) if one.kind == "learned")
    more = right[place]._replace(credited=right[place].credited + 1)
    return [*right[:place], more, *right[place + 1:]]


@pytest.mark.parametrize("change", [
    lambda right: right[:-1],
    lambda right: right[1:],
    lambda right: [right[0]._replace(teacher_id="t9999999"), *right[1:]],
    lambda right: [one for one in right if one.teacher_id != right[0].teacher_id],
    lambda right: [one._replace(kind="reopened") if one.kind == "completed" else one
                   for one in right],
    one_second_more,
])
def test_a_ledger_that_is_wrong_is_found(
    crowd: Crowd, change: Callable[[list[Entry]], list[Entry]]
) -> None:
    with pytest.raises(click.ClickException, match="stand wrong"):
        require_right(change(entries(crowd.ledger())), crowd)


def test_numbers_with_a_hole_are_no_standing() -> None:
    two = [Entry("t1", 1, "enrolled", None, 0, 0), Entry("t1", 3, "learned", "c", 60, 60)]
    assert finals(two) == {"t1": None}
    one = Entry("t1", 2, "completed", None, 0, 0)
    assert finals([*two, one]) == {"t1": Final({"c": (60, 60)}, True)}


METRICS = """\
# TYPE xueshi_loader_next_offset gauge
xueshi_loader_next_offset{topic="p.ledger",partition="0"} 12.0
xueshi_loader_next_offset{partition="1",topic="p.ledger"} 1e+06
xueshi_loader_landed_timestamp_seconds 1.690000000123e+09
"""


def test_a_sighting_is_read_to_the_millisecond() -> None:
    assert seen(METRICS) == Sighting(
        NOW + 123, {("p.ledger", 0): 12, ("p.ledger", 1): 1_000_000})
    assert seen("") == Sighting(0, {})


def sighting(landed_at: int, offset: int) -> Sighting:
    return Sighting(landed_at, {("ledger", 0): offset, ("roster", 0): 99})


def test_a_commit_is_never_told_too_early() -> None:
    torn = [sighting(0, 0), sighting(1000, 5), sighting(1000, 5), sighting(1000, 8),
            sighting(3000, 8), sighting(5000, 8), sighting(5000, 9), sighting(5000, 9)]
    commits = Commits("ledger", torn)
    assert [commits.at(0, offset) for offset in (0, 4, 5, 7, 8)] == [1000, 1000, 3000, 3000, 5000]
    assert commits.at(0, 9) is None
    assert commits.at(1, 0) is None


def record(offset: int, body: dict[str, object]) -> Stored:
    return Stored(0, offset, NOW + offset, None, orjson.dumps(body))


WHO = {"teacher_id": "a", "resource_id": "v"}


def test_the_first_record_that_says_it_counts() -> None:
    assert done([record(0, {**WHO, "status": "started"}), record(1, {**WHO, "status": "done"}),
                 record(2, {**WHO, "status": "done"})]) == {("a", "v"): Place(0, 1, NOW + 1)}
    assert learned([record(0, {"teacher_id": "a", "kind": "enrolled"}),
                    record(1, {**WHO, "kind": "learned"})]) == {("a", "v"): Place(0, 1, NOW + 1)}


def test_the_stages_of_a_post_are_told_in_seconds() -> None:
    sent = [Completing("a", "v", NOW, NOW + 20)]
    places = {("a", "v"): Place(0, 7, NOW + 500)}, {("a", "v"): Place(1, 3, NOW + 1500)}
    found = traces(sent, *places, lambda partition, offset: NOW + 1000 * offset)
    assert found == [Trace(NOW, NOW + 20, NOW + 500, NOW + 1500, NOW + 3000)]
    assert percentiles(found)["post → completion, p99, s"] == 0.5
    assert percentiles(found)["post → warehouse, p50, s"] == 3.0
    with pytest.raises(click.ClickException, match="not seen"):
        traces(sent, *places, lambda partition, offset: None)


@pytest.mark.parametrize(("sent", "found"), [
    ([], []),
    ([Completing("a", "v", 1, 2)], []),
    ([Completing("a", "v", 1, 2)], [("a", "v"), ("b", "v")]),
])
def test_nothing_may_be_missing_and_nothing_made_up(
    sent: list[Completing], found: list[tuple[str, str]]
) -> None:
    require_same([Completing("a", "v", 1, 2)], {"ledger": [("a", "v")]})
    with pytest.raises(click.ClickException):
        require_same(sent, {"ledger": found})


def found(latencies: list[tuple[float, float]], overloaded_s: float | None = None) -> Found:
    return Found(latencies=latencies, plays=[], completing=[], statuses={"202": len(latencies)},
                 began_at=0, overloaded_s=overloaded_s)


def way(at_s: float, took_s: float) -> Trace:
    return Trace(at_s * 1000, at_s * 1000, 0, 0, (at_s + took_s) * 1000)


LEVELS = [Level(at_s=0, rate=100), Level(at_s=10, rate=200), Level(at_s=20, rate=300)]
QUICK = [(at, 0.1) for at in (7.0, 17.0, 27.0)]


@pytest.mark.parametrize(("told", "ways", "highest"), [
    (found(QUICK), [], 300),
    (found(QUICK, overloaded_s=25.0), [], 200),
    (found([*QUICK, (18.0, 1.5)]), [], 100),
    (found([*QUICK, (12.0, 1.5)]), [], 300),           # the first half of a level does not count
    (found(QUICK[:1]), [], 100),
    (found(QUICK), [way(8.0, 3.0), way(18.0, 11.0)], 100),
])
def test_the_highest_load_is_the_last_one_that_was_in_time(
    told: Found, ways: list[Trace], highest: float
) -> None:
    assert streaming.highest_sustained(told, ways, LEVELS, 10.0) == highest


def test_no_load_at_all_is_an_error() -> None:
    with pytest.raises(click.ClickException, match="not even"):
        streaming.highest_sustained(found([(7.0, 2.0)]), [], LEVELS, 10.0)


def test_a_refused_post_makes_a_run_void() -> None:
    streaming.require_taken(found(QUICK))
    for bad in (found(QUICK, overloaded_s=3.0),
                found(QUICK).model_copy(update={"statuses": {"202": 5, "429": 1}})):
        with pytest.raises(click.ClickException, match="did not take all"):
            streaming.require_taken(bad)


def test_viewers_arrive_level_by_level(tmp_path: Path) -> None:
    job = Job(port=1, key="k", connections=1, resources=["r"], beat_s=15, beats=4, levels=LEVELS,
              from_s=0, window_s=30, windows=1, found=tmp_path / "found.json")
    assert list(job.arriving()) == [(0, 1500), (10, 1500), (20, 1500)]
    assert job.viewers == 4500


def test_the_programme_is_open_now_and_has_all_videos(tmp_path: Path) -> None:
    programme.write(tmp_path / "programmes", 60, NOW)
    catalogue = load_catalogue(tmp_path / "programmes")
    window = catalogue.programmes[programme.ID].window
    assert window.opens_at < NOW < window.closes_at
    assert list(catalogue.resources) == programme.RESOURCES
    assert {one.duration_ms for one in catalogue.resources.values()} == {60_000}


def test_a_report_with_other_numbers_is_found() -> None:
    report = orjson.dumps({"rows": [{"stages": {"on_roster": 3}}, {"stages": {"on_roster": 7}}]})
    require_counted(report, 7)
    with pytest.raises(click.ClickException, match="7 teachers, and should have 8"):
        require_counted(report, 8)


@pytest.mark.parametrize(("status", "text"), [(500, "t0000001"), (200, "another page")])
def test_a_page_that_is_not_the_one_asked_for_is_found(status: int, text: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=text))
    with httpx.Client(transport=transport, base_url="http://here") as client, \
            pytest.raises(click.ClickException, match="/teachers/t0000001 answers"):
        get(client, Page("/teachers/t0000001", "t0000001"))
