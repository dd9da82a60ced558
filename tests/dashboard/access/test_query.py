"""The page of the SQL box: what analysts see of it, and what the access log does."""

import csv
import io
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.dashboard.access.serving import Site, dashboard
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.query import source
from warehouse.dashboard.shelf import Shelf
from warehouse.sandbox.box import Box, Limits
from warehouse.sandbox.reading import QueryError


def test_the_page_offers_an_example_that_works(shared: Site) -> None:
    for name, found in (("bj", "东城一小"), ("dongcheng", "东城一小"), ("country", "北京市")):
        browser = shared.signed_in(name)
        page = browser.get("/query").text
        example = page.partition("<textarea")[2].partition(">\n")[2].partition("</textarea>")[0]
        answer = browser.fill_in("/query", "/query", sql=example.replace("&#39;", "'"))
        assert answer.status_code == 200
        assert found in answer.text
        assert "每行" in page  # the dictionary


def test_the_page_tells_of_names_only_who_may_see_them(shared: Site) -> None:
    told = {name: "<code>named.names</code>" in shared.signed_in(name).get("/query").text
            for name in ("bj", "dongcheng", "gd", "country")}
    # Guangdong's account may see names, but no school told any.
    assert told == {"bj": True, "dongcheng": False, "gd": False, "country": False}


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


@pytest.mark.parametrize("region", ["110000", "110101"])
def test_names_are_not_there_for_who_may_not_see_them(country_dir: Path, region: str) -> None:
    box, shelf = Box(Limits(), 1), Shelf(Settings(var_dir=country_dir).published_dir)
    seeing = source(Account("a", region, True, True), shelf.edition(region, True))
    assert box.run(seeing, "SELECT name FROM named.names ORDER BY ALL").rows == [
        ["包力"], ["安丹"], ["安文"]]
    blind = source(Account("a", region, False, True), shelf.edition(region, False))
    with pytest.raises(QueryError, match="names"):
        box.run(blind, "FROM named.names")
    assert box.run(blind, "SELECT count(*) > 3 FROM teachers").rows == [[True]]
    everything = "SELECT string_agg(t::VARCHAR, ' ') FROM teachers AS t"
    assert "安文" not in str(box.run(blind, everything).rows)
