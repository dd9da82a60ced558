"""Who gets in, and to whose page: tickets, visits, names, headers."""

from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import jwt
import pytest
from pydantic import SecretStr

from learner.passes import TICKET, VISIT, Passes
from pipeline.settings import Settings
from pipeline.web.headers import HEADERS
from tests.learner.conftest import Site
from tests.learner.people import NOON
from tests.learner.serving import SECRET, Clock, browsing, learner, ticket, visit

COOKIE = "xueshi-learner"


def home(site: Site, cookie: str) -> int:
    return httpx.get(site.address, headers={"Cookie": f"{COOKIE}={cookie}"}).status_code


def test_from_the_platform_by_a_ticket_to_the_page(site: Site) -> None:
    answer = visit(site.address, {"teacher_id": "anna", "more": 1})
    assert answer.status_code == 201
    assert answer.json()["expires_at"] == NOON + 60_000
    entered = httpx.get(answer.json()["url"])
    assert (entered.status_code, entered.headers["Location"]) == (303, "/")
    cookie = SimpleCookie(entered.headers["Set-Cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"],
            cookie["max-age"]) == (True, "lax", "/", "", "")
    page = httpx.get(site.address, headers={"Cookie": f"{COOKIE}={cookie.value}"})
    assert "账号 anna" in page.text


def test_a_ticket_is_good_once(site: Site) -> None:
    url = ticket(site.address, "anna")
    assert httpx.head(url).status_code == 405  # looking at it does not use it up
    assert httpx.get(url).status_code == 303
    again = httpx.get(url)
    assert again.status_code == 403
    assert "Set-Cookie" not in again.headers


def test_a_ticket_is_good_for_a_minute(site: Site) -> None:
    url, other = ticket(site.address, "anna"), ticket(site.address, "anna")
    site.clock.now = NOON + 59_999
    assert httpx.get(url).status_code == 303
    site.clock.now = NOON + 60_000
    assert httpx.get(other).status_code == 403


def test_a_visit_ends_by_time(site: Site) -> None:
    with browsing(site.address, "anna") as browser:
        site.clock.now = NOON + 60 * 60_000 - 1
        assert browser.get("/").status_code == 200
        site.clock.now = NOON + 60 * 60_000
        assert browser.get("/").status_code == 403


def test_a_visit_that_was_left_is_over_for_whoever_kept_the_cookie(site: Site) -> None:
    with browsing(site.address, "anna") as browser:
        kept = browser.cookies[COOKIE]
        assert browser.post("/leave", headers={"Origin": "https://evil.example"}).status_code == 403
        assert browser.post("/leave").status_code == 403
        assert home(site, kept) == 200
        left = browser.post("/leave", headers={"Origin": site.address})
        assert "已退出" in left.text
        assert COOKIE not in browser.cookies
        assert home(site, kept) == 403


@pytest.mark.parametrize("forged", ["nothing", "ticket", "other secret", "unsigned", "none"])
def test_a_forged_cookie_shows_nothing(site: Site, forged: str) -> None:
    claims = {"aud": VISIT, "sub": "anna", "jti": "j", "exp": NOON // 1000 + 60}
    cookie = {
        "nothing": "",
        "ticket": ticket(site.address, "anna").partition("ticket=")[2],
        "other secret": Passes("x" * 64).sign(VISIT, "anna", NOON, 60),
        "unsigned": Passes(SECRET).sign(VISIT, "anna", NOON, 60).rpartition(".")[0] + ".",
        "none": jwt.encode(claims, "", algorithm="none"),
    }[forged]
    assert home(site, cookie) == 403
    assert not site.mood.asked


@pytest.mark.parametrize("forged", ["", "x", "visit", "other secret"])
def test_a_forged_ticket_lets_nobody_in(site: Site, forged: str) -> None:
    token = {"visit": Passes(SECRET).sign(VISIT, "anna", NOON, 60),
             "other secret": Passes("x" * 64).sign(TICKET, "anna", NOON, 60)}.get(forged, forged)
    answer = httpx.get(f"{site.address}/enter", params={"ticket": token})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_teacher_sees_their_own_page_whatever_the_address_says(site: Site) -> None:
    with browsing(site.address, "anna") as browser:
        page = browser.get("/", params={"teacher_id": "bert", "teacher": "bert"},
                           headers={"X-Account": "bert"})
        assert "账号 anna" in page.text
        assert "bert" not in page.text
        browser.get("/resources/teaching-01?teacher_id=bert")
    assert {path.split("/")[3] for path in site.mood.asked} == {"anna"}


@pytest.mark.parametrize(("key", "body", "status"), [
    ("", {"teacher_id": "anna"}, 401), ("wrong-key-of-the-tests", {"teacher_id": "anna"}, 401),
    ("ключ", {"teacher_id": "anna"}, 401),
    (None, {}, 422), (None, [], 422), (None, {"teacher_id": 1}, 422),
    (None, {"teacher_id": "a/b"}, 422), (None, {"teacher_id": ".."}, 422),
    (None, {"teacher_id": "a" * 65}, 422), (None, {"teacher_id": "a", "x": "y" * 5000}, 413),
])
def test_only_the_platform_sends_teachers(
    site: Site, key: str | None, body: object, status: int
) -> None:
    own = site.settings.secret("platform_key") if key is None else key
    answer = httpx.post(f"{site.address}/v1/visits", json=body,
                        headers={b"Authorization": f"Bearer {own}".encode()} if own else {})
    assert answer.status_code == status
    assert answer.json()["errors"]
    assert "url" not in answer.json()


def test_another_name_leads_nowhere(site: Site) -> None:
    with browsing(site.address, "anna") as browser:
        assert browser.get("/", headers={"Host": "evil.example"}).status_code == 421
    evil = visit(site.address, {"teacher_id": "anna"}, Host="evil.example")
    assert evil.status_code == 404


def test_every_answer_has_the_headers(site: Site) -> None:
    with browsing(site.address, "anna") as browser:
        answers = [browser.get(path) for path in ("/", "/resources/teaching-01", "/nowhere",
                                                  "/enter", "/v1/visits", "/resources/nothing")]
        answers.append(visit(site.address, {"teacher_id": "anna"}))
    assert [one.status_code for one in answers] == [200, 200, 404, 403, 405, 404, 201]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "server" not in answer.headers


def test_with_https_cookies_and_names_are_bound_to_it(tmp_path: Path) -> None:
    settings = Settings(
        var_dir=tmp_path, learner_url="https://my.example.cn", token_secret=SecretStr(SECRET),
        platform_key=SecretStr("platform-key-of-the-tests"))
    with learner(settings, Clock()) as address:
        url = ticket(address, "anna")  # the back end may ask under an inner name
        assert url.startswith("https://my.example.cn/enter?ticket=")
        path = url.removeprefix("https://my.example.cn")
        assert httpx.get(address + path).status_code == 421
        entered = httpx.get(address + path, headers={"Host": "my.example.cn"})
        assert entered.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        cookie = SimpleCookie(entered.headers["Set-Cookie"])["__Host-xueshi-learner"]
        assert cookie["secure"]
