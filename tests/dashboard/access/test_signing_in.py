"""Sign-in with a password, and what becomes of a session, over real HTTP."""

import sqlite3
import subprocess
import sys
from urllib.parse import quote

import httpx
import pytest

from pipeline.settings import Settings
from tests.dashboard.access.serving import (
    MINUTE,
    PASSWORDS,
    Site,
    dashboard,
    token_in,
    without_token,
)
from warehouse.dashboard.access.accounts import editing
from warehouse.dashboard.access.forms import masked


def home(browser: httpx.Client) -> int:
    return browser.get("/regions/110000").status_code


def test_nothing_is_seen_before_the_sign_in(site: Site) -> None:
    browser = site.browser()
    for path in ("/", "/regions/110000", "/schools/bj1", "/teachers/ann", "/query", "/password",
                 "/regions/110000/teachers.csv", "/nowhere", "/openapi.json", "/docs"):
        answer = browser.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/login"), path
        assert "ann" not in answer.text
    assert browser.get("/api/regions/110000").status_code == 401
    assert browser.get("/healthz").text == "ok"
    assert browser.get("/login").status_code == 200


def test_after_it_the_page_that_was_asked_for(site: Site) -> None:
    browser = site.browser()
    wanted = "/regions/110000/teachers?page=1&size=20"
    way = browser.get(wanted).headers["location"]
    assert way == f"/login?next={quote(wanted, safe='')}"
    assert browser.get(way).status_code == 200
    answer = browser.sign_in("bj", next_=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, wanted)
    assert browser.get(wanted).status_code == 200


@pytest.mark.parametrize("next_", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
    "/\n/evil.example", "evil", "", "/logout", "\t//evil.example",
])
def test_the_way_back_never_leads_elsewhere(shared: Site, next_: str) -> None:
    assert shared.browser().sign_in("bj", next_=next_).headers["location"] == "/"


def test_whatever_is_wrong_the_answer_is_the_same(site: Site) -> None:
    """Not a word about whether there is such an account."""
    tries = {"unknown": ("nobody", "seven geese cross a river"),
             "wrong": ("bj", "seven geese cross a lake"), "empty": ("bj", ""),
             "disabled": ("off", PASSWORDS["off"]), "strange": ("'; --\x00", "x" * 10_000)}
    texts = set()
    for name, password in tries.values():
        browser = site.browser()
        answer = browser.sign_in(name, password)
        assert answer.status_code == 401
        assert home(browser) == 303
        texts.add(without_token(answer))
    assert len(texts) == 1


def test_a_failure_is_logged_without_what_was_typed(site: Site) -> None:
    site.browser().sign_in("seven geese cross a river", "bj")  # the fields mixed up
    site.browser().sign_in("bj", "wrong wrong wrong")
    first, second = site.log("sign_in_failed")
    assert "who" not in first
    assert second["who"] == "bj"
    assert "geese" not in str(site.log())
    assert "wrong" not in str(site.log())


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    for cookie in site.browser().sign_in("bj").headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_with_https_cookies_are_secure_and_bound_to_the_host(here: Settings) -> None:
    url = "https://xueshi.example.cn"
    with dashboard(Settings(var_dir=here.var_dir, dashboard_url=url)) as site:
        browser = site.browser(headers={"Host": "xueshi.example.cn"})
        answer = browser.get("/login")
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-xueshi-entrance=")
        assert "; Secure" in cookie
        # httpx keeps a Secure cookie back on this plain test connection: hand it over.
        kept = cookie.partition(";")[0]
        answer = browser.post(
            "/login", headers={"Cookie": kept, "Origin": url},
            data={"csrf": token_in(answer), "name": "bj", "password": PASSWORDS["bj"]})
        assert answer.status_code == 303
        assert any(cookie.startswith("__Host-xueshi=") and "; Secure" in cookie
                   for cookie in answer.headers.get_list("set-cookie"))


def test_the_session_is_another_after_each_sign_in(site: Site) -> None:
    browser = site.browser()
    browser.cookies.set("xueshi", "chosen-by-an-attacker", domain="127.0.0.1")
    browser.sign_in("bj")
    (cookie,) = [c for c in browser.cookies.jar if c.name == "xueshi" and c.value
                 and not c.value.startswith("chosen")]
    assert cookie.value
    assert len(cookie.value) >= 43  # 256 bits
    thief = site.browser(cookies={"xueshi": "chosen-by-an-attacker"})
    assert home(thief) == 303


def test_a_second_sign_in_ends_the_first_session_of_the_browser(site: Site) -> None:
    browser = site.signed_in("bj")
    old = browser.cookies["xueshi"]
    form = {"csrf": masked("t" * 43), "name": "bj", "password": PASSWORDS["bj"]}
    browser.cookies.set("xueshi-entrance", "t" * 43)
    answer = browser.post("/login", data=form)
    assert answer.status_code == 303
    assert browser.cookies["xueshi"] != old
    assert home(site.browser(cookies={"xueshi": old})) == 303
    assert home(browser) == 200


def test_the_way_out_ends_the_session_on_the_server(site: Site) -> None:
    browser = site.signed_in("bj")
    kept = browser.cookies["xueshi"]
    answer = browser.fill_in("/logout", "/password")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "cache" in answer.headers["clear-site-data"]
    assert home(site.browser(cookies={"xueshi": kept})) == 303
    assert site.log("signed_out")[0]["who"] == "bj"


def test_an_idle_session_ends(site: Site) -> None:
    browser = site.signed_in("bj")
    site.clock.now += 29 * MINUTE
    assert home(browser) == 200
    site.clock.now += 29 * MINUTE
    assert home(browser) == 200
    site.clock.now += 31 * MINUTE
    assert home(browser) == 303


def test_a_busy_session_ends_too_after_twelve_hours(site: Site) -> None:
    browser = site.signed_in("bj")
    for _ in range(28):
        site.clock.now += 25 * MINUTE
        assert home(browser) == 200
    site.clock.now += 20 * MINUTE
    assert home(browser) == 303


def test_a_restart_signs_nobody_out(here: Settings) -> None:
    with dashboard(here) as site:
        cookies = dict(site.signed_in("bj").cookies)
    with dashboard(here) as site:
        assert home(site.browser(cookies=cookies)) == 200


def test_the_server_keeps_no_token_that_could_be_used(site: Site) -> None:
    token = site.signed_in("bj").cookies["xueshi"]
    path = site.settings.sessions_path
    assert token.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


@pytest.mark.parametrize("change", [
    {"disabled": True}, {"password": "$argon2id$another"}, None], ids=str)
def test_a_change_of_the_account_ends_its_sessions_at_once(
    site: Site, change: dict[str, object] | None
) -> None:
    browser = site.signed_in("bj")
    with editing(site.settings.accounts_path) as all_:
        if change is None:
            del all_["bj"]
        else:
            all_["bj"] = all_["bj"].model_copy(update=change)
    assert home(browser) == 303
    assert home(browser) == 303


def test_new_rights_hold_from_the_next_request(site: Site) -> None:
    browser = site.signed_in("bj")
    assert browser.get("/query").status_code == 200
    with editing(site.settings.accounts_path) as all_:
        all_["bj"] = all_["bj"].model_copy(update={"region": "440000", "may_query": False})
    assert home(browser) == 404
    assert browser.get("/query").status_code == 404
    assert browser.get("/regions/440000").status_code == 200


def test_guessing_is_slowed_down_by_account_and_address(site: Site) -> None:
    for _ in range(5):
        assert site.browser().sign_in("bj", "wrong wrong wrong").status_code == 401
    answer = site.browser().sign_in("bj")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 30
    assert site.browser().sign_in("gd").status_code == 303  # another account is not locked
    site.clock.now += 31_000
    assert site.browser().sign_in("bj").status_code == 303


def test_many_sign_ins_that_succeed_are_not_slowed_down(site: Site) -> None:
    for _ in range(6):
        assert site.browser().sign_in("bj").status_code == 303


def test_a_new_password_by_its_owner(site: Site) -> None:
    browser, other = site.signed_in("bj"), site.signed_in("bj")
    new = "six swans fly over a hill"
    old = PASSWORDS["bj"]
    wrong = browser.fill_in("/password", "/password", old="not it at all", new=new)
    weak = browser.fill_in("/password", "/password", old=old, new="password1234")
    assert (wrong.status_code, weak.status_code) == (422, 422)
    assert browser.fill_in("/password", "/password", old=old, new=new).status_code == 303
    assert (home(browser), home(other)) == (303, 303)
    assert site.browser().sign_in("bj").status_code == 401
    assert site.browser().sign_in("bj", new).status_code == 303
    assert site.log("password_changed")[0]["who"] == "bj"


def test_an_accounts_file_that_others_can_read_lets_nobody_in(site: Site) -> None:
    browser = site.signed_in("bj")
    site.settings.accounts_path.chmod(0o644)
    assert home(browser) == 503
    site.settings.accounts_path.chmod(0o600)
    assert home(browser) == 200


def test_it_is_not_served_to_a_network_without_https(here: Settings) -> None:
    code = ("from pipeline.settings import Settings;"
            "from warehouse.dashboard.access.wiring import require_safe;"
            "require_safe(Settings(), '0.0.0.0')")
    ended = subprocess.run(
        [sys.executable, "-c", code], env={"XUESHI_VAR_DIR": str(here.var_dir)},
        capture_output=True, text=True, check=False)
    assert "needs HTTPS" in ended.stderr.splitlines()[-1]
