"""SQL from strangers, run by the real child process: it reaches nothing, and its limits hold."""

import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from pipeline.settings import ROOT
from warehouse.sandbox.box import CHILD, Box, Limits, Source
from warehouse.sandbox.reading import Answer, QueryError

BOX = Box(Limits(seconds=20, memory_mib=512), 4)
TIGHT = Box(Limits(seconds=3, memory_mib=256), 4)
SECRET = "root:x:0"  # how /etc/passwd begins

REACHING = """
SELECT * FROM read_csv('/etc/passwd', header=false, sep=':')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_blob('/etc/passwd')
SELECT * FROM read_json('/etc/passwd')
SELECT * FROM read_json_objects('/etc/passwd')
SELECT * FROM read_parquet('/etc/passwd')
SELECT * FROM parquet_metadata('/etc/passwd')
SELECT * FROM sniff_csv('/etc/passwd')
SELECT * FROM '/etc/passwd'
SELECT * FROM glob('/etc/*')
SELECT * FROM read_text('../../../../etc/passwd')
SELECT * FROM read_text('/proc/self/environ')
SELECT * FROM read_text('/proc/self/maps')
SELECT * FROM read_text('/dev/fd/3')
SELECT * FROM read_text('file:///etc/passwd')
SELECT * FROM read_csv('http://127.0.0.1:1/x')
SELECT * FROM read_csv('s3://bucket/x')
SELECT content FROM read_text(['/etc/passwd'])
EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')
DESCRIBE SELECT * FROM read_csv('/etc/passwd')
SUMMARIZE FROM read_csv('/etc/passwd')
SELECT getenv('HOME')
SELECT getvariable('prefix') || read_text('/etc/passwd')
WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x
SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')
SELECT * FROM query_table('/etc/passwd')
SELECT * FROM sqlite_scan('/etc/passwd', 'x')
SELECT * FROM postgres_scan('', '', '')
SELECT * FROM job
SELECT * FROM db
SELECT * FROM sys
SELECT * FROM python_map_function('x')
SELECT * FROM pandas_scan(140000000000000)
SELECT * FROM arrow_scan(1, 2, 3)
SELECT * FROM arrow_scan_dumb(140000000000000, 140000000000000, 140000000000000)
SELECT * FROM duckdb_secrets()
EXPLAIN ANALYZE COPY teachers TO '/tmp/stolen.csv'
EXPLAIN ANALYZE EXPORT DATABASE '/tmp/stolen'
EXPLAIN ANALYZE INSTALL httpfs
""".strip().splitlines()

CHANGING = """
COPY teachers TO '/tmp/stolen.csv'
COPY (SELECT 1) TO '/dev/stdout'
COPY teachers FROM '/etc/passwd'
EXPORT DATABASE '/tmp/stolen'
IMPORT DATABASE '/tmp/stolen'
ATTACH '/etc/passwd' AS other
ATTACH ':memory:' AS other
DETACH edition
USE memory
INSTALL httpfs
INSTALL spatial FROM community
FORCE INSTALL 'http://127.0.0.1:1/x.duckdb_extension'
LOAD httpfs
LOAD '/tmp/x.duckdb_extension'
SET enable_external_access = true
SET GLOBAL lock_configuration = false
SET memory_limit = '100GB'
SET threads = 64
RESET memory_limit
PRAGMA memory_limit = '100GB'
PRAGMA database_list
PRAGMA enable_profiling = 'json'
SET profiling_output = '/tmp/stolen'
CREATE TABLE edition.x AS SELECT 1
CREATE TABLE memory.x AS SELECT 1
CREATE SECRET s (TYPE s3)
CREATE MACRO duckdb_settings() AS 1
INSERT INTO teachers VALUES ('x')
DELETE FROM teachers
UPDATE teachers SET verified = true
DROP TABLE teachers
ALTER TABLE teachers ADD COLUMN x INT
VACUUM
CHECKPOINT
FORCE CHECKPOINT
BEGIN
CALL pragma_version()
EXECUTE x
PREPARE x AS SELECT 1
SELECT 1; COPY teachers TO '/tmp/stolen.csv'
SELECT 1; SET lock_configuration = false; SELECT 2
""".strip().splitlines()


@pytest.mark.parametrize("sql", REACHING)
def test_nothing_else_can_be_read(province: Source, sql: str) -> None:
    told = _told(province, sql)
    assert isinstance(told, str) or told.rows == []  # nothing found is as good as refused
    assert SECRET not in str(told)
    assert not Path("/tmp/stolen.csv").exists()
    assert not Path("/tmp/stolen").exists()


@pytest.mark.parametrize("sql", CHANGING)
def test_nothing_can_be_changed(province: Source, sql: str) -> None:
    before = province.path.read_bytes()
    with pytest.raises(QueryError):
        BOX.run(province, sql)
    assert province.path.read_bytes() == before
    assert not Path("/tmp/stolen.csv").exists()
    assert not Path("/tmp/stolen").exists()


def test_where_the_file_lies_is_not_told(province: Source) -> None:
    folder = str(province.path.parent)
    for sql in ("SELECT * FROM duckdb_databases()", "SELECT * FROM duckdb_settings()",
                "SELECT * FROM pragma_database_list", "SELECT * FROM duckdb_logs()",
                "SELECT string_agg(ascii(c)::VARCHAR, ',') FROM (SELECT unnest(string_split("
                "path, '')) AS c FROM duckdb_databases() WHERE path IS NOT NULL)"):
        text = str(_told(province, sql))
        assert "private-place" not in text
        assert ",".join(str(ord(letter)) for letter in folder) not in text.replace(", ", ",")
        assert "/root" not in text
        assert str(Path.home()) not in text or str(Path.home()) == "/"


def test_errors_tell_no_path(province: Source) -> None:
    for sql in ("SELECT * FROM read_text('x')", "SELECT * FROM nowhere", "SELECT 1/",
                "SELECT error('x')", "SELECT * FROM edition.nowhere.x", "FROM 'x.duckdb'"):
        text = str(_told(province, sql))
        assert "private-place" not in text
        assert str(ROOT) not in text
        assert "site-packages" not in text
        assert ".py" not in text


def _told(source: Source, sql: str) -> Answer | str:
    """The answer, or the words of the error."""
    try:
        return BOX.run(source, sql)
    except QueryError as error:
        return str(error)


GREEDY = {
    "a huge repeat": "SELECT repeat('x', 4000000000)",
    "a repeat of repeats": "SELECT repeat(repeat('x', 1000000), 4000)",
    "many large strings": "SELECT max(repeat('x', 50000000) || range) FROM range(100)",
    "a list of everything": "SELECT list(range) FROM range(1000000000)",
    "one text of everything": "SELECT string_agg(repeat('x', 1000), '') FROM range(10000000)",
    "a sort that does not fit":
        "SELECT * FROM range(100000000) t(i) ORDER BY hash(i)",
    "a group for each row": "SELECT i, count(*) FROM range(300000000) t(i) GROUP BY i",
    "a join that does not fit":
        "SELECT count(*) FROM range(90000000) a JOIN range(90000000) b ON hash(a.range) = b.range",
    "a growing recursion": "WITH RECURSIVE r(t) AS (SELECT 'x' UNION ALL SELECT t || t FROM r) "
                           "SELECT length(t) FROM r",
    "a hundred thousand columns":
        "SELECT " + ",".join("1" for _ in range(9_900)),
    "a list of lists": "SELECT list(l) FROM (SELECT range(1000000) AS l FROM range(10000))",
    "a padded text": "SELECT lpad('x', 2000000000, 'y')",
    "a huge bit string": "SELECT bitstring('1', 2000000000)",
    "a window over everything":
        "SELECT sum(x) OVER (ORDER BY hash(x)) FROM range(200000000) t(x)",
    "a deep nesting": "SELECT " + "(" * 9_000 + "1" + ")" * 9_000,
    "a long chain": "SELECT " + "+".join("1" for _ in range(9_000)),
    "a cross product": "SELECT * FROM range(1000000) a, range(1000000) b ORDER BY 1 DESC, 2",
    "a pivot of everything": "FROM (PIVOT range(9000) ON range IN (1,2,3))",
    "a regular expression": "SELECT regexp_matches(repeat('a', 100000), '(a*)*b{1,900}')",
}
ENDLESS = {
    "an endless recursion": "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) "
                            "SELECT count(*) FROM r",
    "a cross join": "SELECT sum(a.range * b.range) FROM range(9000000) a, range(9000000) b",
    "a long sum": "SELECT sum(hash(range)) FROM range(100000000000000)",
}


@pytest.mark.parametrize("sql", GREEDY.values(), ids=GREEDY.keys())
def test_memory_is_limited(province: Source, sql: str) -> None:
    """The child never holds more than it may; what it answers, if anything, does not matter."""
    peak = _peak_mib(province, sql)
    assert peak < 256 + 150  # the limit, and a Python process with DuckDB's code


@pytest.mark.parametrize("sql", ENDLESS.values(), ids=ENDLESS.keys())
def test_time_is_limited(province: Source, sql: str) -> None:
    begun = time.monotonic()
    with pytest.raises(QueryError, match="超过 3 秒"):
        TIGHT.run(province, sql)
    assert time.monotonic() - begun < 8


def _children() -> set[psutil.Process]:
    """All of this process, among them the broker of tests that ran before."""
    return set(psutil.Process().children(recursive=True))


def _peak_mib(source: Source, sql: str) -> int:
    """The most that any new child of this process held in memory while the query ran.

    Until it has become another program a child still shows its parent's memory, and is left out.
    """
    done = threading.Event()
    peak, before, mine = [0], _children(), psutil.Process().cmdline()

    def watch() -> None:
        while not done.is_set():
            for child in _children() - before:
                try:
                    if child.cmdline() != mine:
                        peak[0] = max(peak[0], child.memory_info().rss)
                except psutil.Error:
                    continue
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        TIGHT.run(source, sql)
    except QueryError:
        pass
    finally:
        done.set()
        watcher.join()
    return peak[0] // 2**20


def test_no_child_is_left_over(province: Source) -> None:
    before = _children()
    with pytest.raises(QueryError):
        TIGHT.run(province, ENDLESS["a long sum"])
    assert _children() == before


def test_rows_and_bytes_are_limited(province: Source) -> None:
    few = Box(Limits(rows=10, bytes=1000), 1)
    answer = few.run(province, "FROM range(1000000000)")
    assert (len(answer.rows), answer.cut) == (10, True)
    wide = few.run(province, "SELECT repeat('学', 100) FROM range(10)")
    assert (len(wide.rows), wide.cut) == (3, True)  # 300 bytes each, and a little
    assert few.run(province, "SELECT repeat('x', 2000)").rows == []
    assert few.run(province, "FROM range(10)").cut is False


@pytest.mark.parametrize("memory_mib", [128, 512])
def test_a_larger_limit_lets_more_through(province: Source, memory_mib: int) -> None:
    """So that the tests above cannot pass because nothing works."""
    box = Box(Limits(memory_mib=memory_mib), 1)
    sql = "SELECT count(*), max(h) > 0 FROM (SELECT hash(i) AS h FROM range(8000000) t(i) " \
          "GROUP BY i)"
    if memory_mib == 128:
        with pytest.raises(QueryError, match="内存"):
            box.run(province, sql)
    else:
        assert box.run(province, sql).rows == [[8_000_000, True]]


def test_ordinary_questions_are_answered(province: Source) -> None:
    answer = BOX.run(province, """
        SELECT s.name, t.on_roster, p.since, [1, 2] AS list, {'a': 1} AS struct, MAP {'k': 1} AS m,
               1.50::DECIMAL(4, 2) AS d, DATE '2023-07-21' AS day, 'x'::BLOB AS blob, true AS yes,
               2::HUGEINT AS huge, TIME '12:00' AS at, INTERVAL 1 DAY AS long, NULL AS nothing
        FROM schools s JOIN totals t USING (school_id) JOIN teachers p USING (school_id)
        ORDER BY school_id, teacher_id LIMIT 1""")
    assert answer.rows == [["东城一小", 3, "1970-01-01 08:00:01+08:00", "[1, 2]", "{'a': 1}",
                            "{'k': 1}", "1.50", "2023-07-21", "78", True, 2, "12:00:00",
                            "1 day, 0:00:00", None]]
    assert answer.columns[0] == ("name", "VARCHAR")
    for sql in ("SHOW TABLES", "DESCRIBE teachers", "SUMMARIZE teachers", "FROM totals",
                "EXPLAIN SELECT 1", "WITH a AS (SELECT 1) FROM a", "VALUES (1), (2)",
                "SELECT now(), today(), strftime(as_of, '%Y') FROM about", "SELECT 1 -- end",
                "SELECT '\u2028', chr(0), E'a\\nb', 'NaN'::DOUBLE, 'inf'::DOUBLE, '学'"):
        assert BOX.run(province, sql).rows


def test_a_machine_that_cannot_confine_answers_nothing(
    province: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child fails closed: without its filter the SQL is not even read."""
    code = ("import platform; platform.machine = lambda: 'vax';"
            "from warehouse.sandbox import child; child.main()")
    monkeypatch.setattr("warehouse.sandbox.box.CHILD", [sys.executable, "-I", "-c", code])
    with pytest.raises(QueryError, match="暂时不可用") as error:
        BOX.run(province, "SELECT 1")
    assert "no filter of system calls" in getattr(error.value, "detail", "")


@pytest.mark.parametrize("code", ["", "print('{\"columns\": 1}')", "import os; os.abort()",
                                  "print('x' * 10**7)", "print('[1]'); print('{\"cut\": false}')",
                                  "print('{\"columns\": [[\"a\", \"b\"]]}\\n[1, 2]\\n"
                                  "{\"cut\": false}')"])
def test_whatever_a_child_writes_is_an_error_at_worst(
    province: Source, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """A child that an attack has taken over can say what it wants."""
    monkeypatch.setattr("warehouse.sandbox.box.CHILD", [sys.executable, "-I", "-c", code])
    with pytest.raises(QueryError):
        Box(Limits(seconds=10, bytes=1000), 1).run(province, "SELECT 1")


def test_it_works_without_root_too(province: Source, tmp_path: Path) -> None:
    """As an ordinary user: in a namespace of its own, or else in the folder."""
    if not hasattr(resource, "RLIMIT_AS") or not _is_root():
        pytest.skip("this is no root, so all the other tests say it")
    copy = tmp_path / province.path.name
    copy.write_bytes(province.path.read_bytes())
    for folder in (copy, *copy.parents[:4]):
        folder.chmod(0o755)
    code = ("import os, sys; from warehouse.sandbox import child; import pytz, duckdb;"
            "duckdb.connect().execute(child.KINDS).fetchall(); pytz.timezone(child.ZONE);"
            "os.setgroups([]); os.setresgid(1234, 1234, 1234); os.setresuid(1234, 1234, 1234);"
            "child.main()")
    from warehouse.sandbox.wire import Job
    job = Job(str(tmp_path), copy.name, None, None, [], 512, 10, 10, 10_000)
    done = subprocess.run(
        [*CHILD[:1], "-I", "-c", code], input=job.line() + "SELECT count(*) FROM teachers",
        capture_output=True, text=True, env={}, check=True)
    assert done.stdout.splitlines()[1:] == ["[5]", '{"cut":false}'], done.stdout + done.stderr


def _is_root() -> bool:
    return psutil.Process().uids().effective == 0
