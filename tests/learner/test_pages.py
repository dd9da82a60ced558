"""The page over HTTP, with a worker that answers, does not know, is away, or talks nonsense."""

import json
import time

import httpx
import pytest

from learner import published, worker
from tests.learner import people
from tests.learner.conftest import Site
from tests.learner.people import NOON, SUMMER
from tests.learner.publishing import publish
from tests.learner.serving import browsing, learner
from tests.warehouse.helpers import Log
from warehouse.certificate.number import read
from warehouse.manifest import read_manifest


def page(site: Site, teacher: str, path: str = "/") -> httpx.Response:
    with browsing(site.address, teacher) as browser:
        return browser.get(path)


def test_rules_25_26_the_page_says_it_in_words_and_shapes(site: Site) -> None:
    text = page(site, "anna").text
    for said in ("✘ 未结业：还差 8.25 学时，6 门课程未达标", "✔ 已达标",
                 "✘ 未达标，还差 1.25 学时", "没有看：02:10–02:40、15:00–15:30、25:00–25:20。",
                 "40:30 处的测试题通过之后的部分要再看 1 分 30 秒", "这是拓展资源，不计学时。",
                 "结业后计入", "2023年7月20日 12:00（北京时间）的实时数据"):
        assert said in text
    for title in (one.title for one in people.CATALOGUE.resources.values()):
        assert title in text


def test_rule_26_a_resource_has_its_stretches_and_where_to_play_on(site: Site) -> None:
    text = page(site, "anna", "/resources/teaching-01").text
    for said in ("从 02:10 处继续", "<li>02:10–02:40</li>", "<li>25:00–25:20</li>", "已看 97%",
                 "https://platform.example.cn/play/teaching-01?at=130"):
        assert said in text
    again = page(site, "anna", "/resources/teaching-04").text
    assert "40:30 处的测试题通过之后要再看的部分" in again
    assert "<li>40:30–42:00</li>" in again
    assert "没有看的部分</h3>" not in again
    done = page(site, "anna", "/resources/cases-01").text
    assert "已完成" in done
    assert "/play/" not in done


def test_nothing_published_and_the_rest_works(site: Site) -> None:
    answer = page(site, "bert")
    assert answer.status_code == 200
    assert "尚未发布" in answer.text
    assert "还没有可用的发布数据" in answer.text
    assert "✔ 已结业" in answer.text


def test_rule_23_the_certificate_once_published(site: Site) -> None:
    publish(site.settings, "anna", "bert", checked=("bert",), done=("bert",))
    text = page(site, "bert").text
    assert "✔ 可以领取" in text
    number = text.partition('<b class="number">')[2].partition("</b>")[0]
    assert read(number)
    assert "以 2023年7月20日 12:00 发布的数据为准" in text
    anna = page(site, "anna").text
    assert "○ 未审核" in anna
    assert "身份尚未审核" in anna
    assert "class=\"number\"" not in anna
    assert "名册中没有您的账号" in page(site, "cleo").text


def test_rule_22_a_new_publication_is_seen(site: Site) -> None:
    log = Log()
    publish(site.settings, "bert", done=("bert",), log=log)
    with browsing(site.address, "bert") as browser:
        assert "○ 未审核" in browser.get("/").text
        publish(site.settings, "bert", checked=("bert",), log=log, at=NOON + 60_000)
        assert "✔ 可以领取" in browser.get("/").text


def test_damaged_files_hide_the_certificate_alone(site: Site) -> None:
    publish(site.settings, "bert", checked=("bert",), done=("bert",))
    folder = site.settings.published_dir
    file = read_manifest(folder).file("110000")
    assert file is not None
    (folder / file.name).write_bytes(b"damaged")
    text = page(site, "bert").text
    assert "暂时无法读取" in text
    assert "✔ 可以领取" not in text
    assert "✔ 已结业" in text


def test_published_files_that_take_too_long_do_not_hold_the_page(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "PATIENCE_S", 0.2)
    monkeypatch.setattr(published, "read_manifest", lambda _: time.sleep(1))
    publish(site.settings, "bert")
    assert "暂时无法读取" in page(site, "bert").text


def test_a_teacher_never_heard_of_gets_an_honest_empty_page(site: Site) -> None:
    answer = page(site, "nobody")
    assert answer.status_code == 200
    assert "还没有学习记录" in answer.text
    assert "学时" in answer.text
    assert page(site, "nobody", "/resources/no-such").status_code == 404


@pytest.mark.parametrize(("status", "body"), [
    (503, b"{}"), (500, b"x"), (401, b"{}"), (200, b"no json"), (200, b'{"teacher_id": 1}'),
    (200, json.dumps({**people.progress("anna"), "programmes": [{}]}).encode()),
])
def test_a_worker_in_trouble_is_try_again_later(site: Site, status: int, body: bytes) -> None:
    site.mood.status, site.mood.body = status, body
    answer = page(site, "anna")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "请稍后再试" in answer.text


def test_a_worker_that_does_not_answer_is_try_again_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "TIMEOUT_S", 0.2)
    site.mood.sleep_s = 0.6
    with (learner(site.settings, site.clock) as address,
          browsing(address, "anna") as browser):
        assert browser.get("/").status_code == 503


def test_what_a_worker_says_is_text_and_never_markup(site: Site) -> None:
    said = people.progress("anna")
    said["programmes"][1]["courses"][0]["resources"][1]["title"] = "<script>alert(1)</script>"
    site.mood.body = json.dumps(said).encode()
    text = page(site, "anna").text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text


def test_rule_7_a_programme_that_this_server_lacks_is_shown_too(site: Site) -> None:
    said = people.progress("anna")
    said["programmes"] = [{**one, "programme_id": "2024-winter", "name": "寒假研修"}
                          for one in said["programmes"] if one["programme_id"] == SUMMER]
    site.mood.body = json.dumps(said).encode()
    text = page(site, "anna").text
    assert "寒假研修" in text
    assert "测试题未通过。" in text
