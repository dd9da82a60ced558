"""Where each row of a record goes when the number of partitions changes."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from pipeline.repartition.splitting import Split
from pipeline.schemas.packed import COLUMNS, packed, values
from pipeline.schemas.partitioning import partition_of

TEACHERS = [f"t{number}" for number in range(40)]
EIGHT = Split(4, 8)


def batch(
    rows: list[str], quizzes: list[str] | None = None, more: dict[str, object] | None = None
) -> bytes:
    """A record with a row a teacher; `seq` is the row's number."""
    columns: dict[str, list[object]] = {name: [0] * len(rows) for name in COLUMNS}
    columns |= {"teacher_id": [*rows], "seq": [*range(len(rows))]}
    asked = [{"teacher_id": one, "seq": n} for n, one in enumerate(quizzes or [])]
    return orjson.dumps({"v": 1, **columns, "quizzes": asked, **(more or {})})


def seen(pieces: list[tuple[int, bytes | None]]) -> list[tuple[int, str, str, int]]:
    """(partition, column or quiz, teacher, seq), in order."""
    found = []
    for partition, raw in pieces:
        body = orjson.loads(raw or b"")
        found += [(partition, "row", teacher, seq) for teacher, seq in
                  zip(body["teacher_id"], body["seq"], strict=True)]
        found += [(partition, "quiz", one["teacher_id"], one["seq"]) for one in body["quizzes"]]
    return found


@given(st.lists(st.sampled_from(TEACHERS)), st.lists(st.sampled_from(TEACHERS)),
       st.integers(1, 9), st.integers(2, 9), st.integers(0, 8))
def test_rule_14_every_row_is_in_one_piece_in_its_order_and_strangers_stay_strangers(
    rows: list[str], quizzes: list[str], before: int, after: int, source: int
) -> None:
    source %= before
    found = seen(Split(before, after).batch(batch(rows, quizzes), source))
    for kind, names in (("row", rows), ("quiz", quizzes)):
        mine = [one for one in found if one[1] == kind]
        assert sorted(one[3] for one in mine) == [*range(len(names))]
        for partition, _, teacher, seq in mine:
            assert names[seq] == teacher
            lived = partition_of(teacher, before) == source
            assert (partition == partition_of(teacher, after)) == lived
    for teacher in {*rows}:
        order = [seq for _, kind, who, seq in found if (kind, who) == ("row", teacher)]
        assert order == sorted(order)


def test_a_record_that_stays_together_stays_byte_by_byte_as_it_was() -> None:
    mine = [one for one in TEACHERS if partition_of(one, 8) == 5]
    raw = batch(mine, mine[:1]).replace(b'"v":1', b'"v": 1')
    assert EIGHT.batch(raw, 1) == [(5, raw)]


def test_what_nobody_can_read_stays_whole() -> None:
    uneven, odd = batch(["t1"], more={"seq": []}), batch(["t1"], more={"quizzes": 7})
    for raw in (b"garbage", b"", None, b"[1]", b'{"v":1}', uneven, odd):
        assert EIGHT.batch(raw, 3) == [(3, raw)]
    assert EIGHT.one(b"garbage", 7) == [(7, b"garbage")]


def test_rows_that_nobody_can_read_go_beside_the_others() -> None:
    columns: dict[str, list[object]] = {name: [0, 0, 0] for name in COLUMNS}
    columns["teacher_id"] = ["t1", 7, "t1"]
    raw = orjson.dumps({"v": 1, **columns, "quizzes": ["no quiz"]})
    home = partition_of("t1", 4)
    pieces = dict(Split(4, 64).batch(raw, home))
    assert orjson.loads(pieces[partition_of("t1", 64)] or b"")["teacher_id"] == ["t1", "t1"]
    assert orjson.loads(pieces[home] or b"")["teacher_id"] == [7]
    assert orjson.loads(pieces[home] or b"")["quizzes"] == ["no quiz"]


def test_a_record_about_one_teacher_goes_to_where_they_live() -> None:
    for teacher in TEACHERS:
        raw = orjson.dumps({"teacher_id": teacher})
        assert EIGHT.one(raw, partition_of(teacher, 4)) == [(partition_of(teacher, 8), raw)]


@given(st.lists(st.sampled_from(TEACHERS), min_size=2), st.integers(0, 3))
def test_a_packed_record_is_taken_apart_into_packed_ones(rows: list[str], source: int) -> None:
    heartbeats = [(n, teacher, f"r{n % 3}", "s", 1, n + 1, 0, 1, 100)
                  for n, teacher in enumerate(rows)]
    pieces = EIGHT.batch(packed(heartbeats, b'[{"teacher_id":"t1"}]'), source)
    bodies = [(partition, values(raw or b"")) for partition, raw in pieces]
    assert all(raw and raw[0] == 2 for _, raw in pieces)
    found = sorted((at, teacher, resource_id, partition) for partition, body in bodies
                   for at, teacher, resource_id in zip(
                       body["received_at"], body["teacher_id"], body["resource_id"], strict=True))
    assert found == [(at, teacher, resource_id, EIGHT.home(teacher, source))
                     for at, teacher, resource_id, *_ in heartbeats]
    assert [quiz for _, body in bodies for quiz in body["quizzes"]] == [{"teacher_id": "t1"}]
