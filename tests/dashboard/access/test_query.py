"""The page of the SQL box: what analysts see of it, and what the access log does."""

import csv
import io

import duckdb
import pytest

from pipeline.settings import Settings
from tests.dashboard.access.serving import Site, dashboard
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.query import source
from warehouse.dashboard.edition import Edition
from warehouse.dashboard.shelf import Shelf
from warehouse.dictionary import Column, Dictionary, Table
from warehouse.sandbox.box import Box, Limits

BEIJING = "110000"


def test_the_page_offers_an_example_that_works(shared: Site) -> None:
    for name, found in (("bj", "东城一小"), ("dongcheng", "东城一小"), ("country", "北京市")):
        browser = shared.signed_in(name)
        page = browser.get("/query").text
        example = page.partition("<textarea")[2].partition(">\n")[2].partition("</textarea>")[0]
        answer = browser.fill_in("/query", "/query", sql=example.replace("&#39;", "'"))
        assert answer.status_code == 200
        assert found in answer.text
        assert "每行" in page  # the dictionary


def test_an_answer_as_a_file(shared: Site) -> None:
    browser = shared.signed_in("bj")
    sql = "SELECT school_id, name, 1.5 AS x, NULL AS y FROM schools ORDER BY 1 LIMIT 2"
    answer = browser.fill_in("/query.csv", "/query", sql=sql)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="query-20230721T120000-000001.csv"')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))) == [
        ["school_id", "name", "x", "y"], ["bj1", "东城一小", "1.5", ""],
        ["bj2", "'=1+1", "1.5", ""]]  # a name that a spreadsheet would run


def test_nothing_of_an_answer_is_taken_for_html(shared: Site) -> None:
    browser = shared.signed_in("bj")
    text = browser.fill_in("/query", "/query",
                           sql="SELECT '<script>alert(1)</script>' AS \"<b>x\"").text
    assert "<script>alert" not in text
    assert "<b>x" not in text
    error = browser.fill_in("/query", "/query", sql="SELECT \"<script>alert(1)</script>\"").text
    assert "<script>alert" not in error


def test_what_is_wrong_is_said_and_the_text_stays(shared: Site) -> None:
    browser = shared.signed_in("bj")
    for sql, said in (("SELEC 1", "syntax error"), ("SELECT nowhere FROM teachers", "nowhere"),
                      ("DROP TABLE teachers", "只能查询"), ("SELECT 1; SELECT 2", "只写一条"),
                      ("", "只写一条"), ("x" * 20_001, "过长")):
        answer = browser.fill_in("/query", "/query", sql=sql)
        assert answer.status_code == 422, sql[:20]
        assert said in answer.text
        assert f"\n{sql}</textarea>" in answer.text


def test_more_rows_than_allowed_are_said_to_be_missing(here: Settings) -> None:
    with dashboard(Settings(var_dir=here.var_dir, query_rows=3)) as site:
        browser = site.signed_in("bj")
        answer = browser.fill_in("/query", "/query", sql="FROM range(10)")
        assert "共 3 行（已达上限" in answer.text
        assert "已达上限" not in browser.fill_in("/query", "/query", sql="FROM range(3)").text


def test_the_log_has_the_sql_its_rows_and_its_publication(site: Site) -> None:
    browser = site.signed_in("bj")
    browser.fill_in("/query", "/query", sql="SELECT teacher_id\nFROM teachers LIMIT 2")
    browser.fill_in("/query.csv", "/query", sql="FROM range(4)")
    browser.fill_in("/query", "/query", sql="SELECT wrong")
    acts, (download,) = site.log("act"), site.log("download")
    assert (acts[0]["sql"], acts[0]["rows"], acts[0]["status"]) == (
        "SELECT teacher_id\nFROM teachers LIMIT 2", 2, 200)
    assert acts[0]["publication"] == "20230721T120000-000001"
    assert (download["sql"], download["rows"]) == ("FROM range(4)", 4)
    assert (acts[1]["sql"], acts[1]["status"], "rows" in acts[1]) == ("SELECT wrong", 422, False)


def test_one_more_than_may_run_at_once_is_told_to_wait(here: Settings) -> None:
    with dashboard(Settings(var_dir=here.var_dir, query_slots=1, query_seconds=5)) as site:
        first, second = site.signed_in("bj"), site.signed_in("gd")
        token = first.token("/query")
        endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(9) c"
        from threading import Thread
        busy = Thread(target=first.post, args=("/query",),
                      kwargs={"data": {"csrf": token, "sql": endless}})
        busy.start()
        statuses = set()
        while busy.is_alive():
            statuses.add(second.fill_in("/query", "/query", sql="SELECT 1").status_code)
        busy.join()
        assert 503 in statuses
        assert second.fill_in("/query", "/query", sql="SELECT 1").status_code == 200


@pytest.fixture
def edition(here: Settings) -> Edition:
    """Beijing's, whose file has the teachers' names."""
    shelf = Shelf(here.published_dir)
    path = shelf.edition(BEIJING).source
    del shelf
    with duckdb.connect(path) as db:
        db.execute("ALTER TABLE teachers ADD COLUMN name VARCHAR DEFAULT '王芳'")
    db = duckdb.connect()
    db.execute(f"ATTACH '{path}' AS edition (READ_ONLY)")
    manifest = Shelf(here.published_dir)._read()
    return Edition(manifest, BEIJING, path, None, db)


NAMES = Dictionary((Table("teachers", ("province",), "教师", "", "", (
    Column("name", "", "姓名", "the name", personal=True),)),))


@pytest.mark.parametrize("region", ["110000", "110101"])
def test_names_are_not_there_for_who_may_not_see_them(edition: Edition, region: str) -> None:
    box = Box(Limits(), 1)
    seeing = source(Account("a", region, True, True), edition, NAMES)
    assert box.run(seeing, "SELECT DISTINCT name FROM teachers").rows == [["王芳"]]
    blind = source(Account("a", region, False, True), edition, NAMES)
    assert "name" not in str(box.run(blind, "DESCRIBE teachers").rows)
    assert box.run(blind, "SELECT count(*) > 3 FROM teachers").rows == [[True]]
    everything = "SELECT string_agg(t::VARCHAR, ' ') FROM teachers AS t"
    assert "王芳" not in str(box.run(blind, everything).rows)
