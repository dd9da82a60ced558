"""Sign-in at a real OpenID Connect provider, over real HTTP, with real signatures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from pipeline.settings import Settings
from tests.dashboard.access.provider import CLIENT_ID, OTHER_KEY, SECRET, Provider
from tests.dashboard.access.serving import HOUR, Browser, Site, dashboard, served
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.oidc import ClaimsError, Mapping


@dataclass
class Both:
    """The dashboard and the provider it trusts."""

    site: Site
    provider: Provider

    def leave(self, browser: Browser, next_: str = "/") -> httpx.Response:
        """To the provider, and as it sends the browser back."""
        away = browser.get("/login/oidc", params={"next": next_})
        assert away.status_code == 302, away.text
        with httpx.Client() as elsewhere:
            return elsewhere.get(away.headers["location"])

    def come(self, browser: Browser, next_: str = "/") -> httpx.Response:
        """The whole way."""
        return browser.get(self.leave(browser, next_).headers["location"])


@contextmanager
def both(here: Settings, provider: Provider, **more: Any) -> Iterator[Both]:
    app = FastAPI()
    app.mount("/", provider.app())
    with served(app) as issuer:
        provider.issuer = issuer
        secret = SecretStr(provider.secret) if provider.secret else None
        settings = Settings(
            var_dir=here.var_dir, oidc_issuer=issuer, oidc_client_id=CLIENT_ID,
            oidc_client_secret=secret, **more)
        with dashboard(settings) as site:
            yield Both(site, provider)


def test_the_whole_way(here: Settings) -> None:
    with both(here, Provider()) as pair:
        browser = pair.site.browser()
        assert "/login/oidc?next=/regions/110000" in browser.get(
            "/login?next=/regions/110000").text
        answer = pair.come(browser, "/regions/110000")
        assert (answer.status_code, answer.headers["location"]) == (303, "/regions/110000")
        assert "sso:li.wei" in browser.get("/regions/110000").text
        assert browser.get("/regions/440000").status_code == 404
        assert browser.get("/query").status_code == 404
        (line,) = pair.site.log("signed_in")
        assert (line["who"], line["by"], line["region"]) == ("sso:li.wei", "oidc", "110000")
        asked = pair.provider.seen[0]
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"] == "openid profile"
        assert len(asked["state"]) >= 20
        assert len(asked["nonce"]) >= 20


def test_each_way_has_its_own_secrets(here: Settings) -> None:
    with both(here, Provider()) as pair:
        for _ in range(2):
            pair.come(pair.site.browser())
        first, second = pair.provider.seen
        for name in ("state", "nonce", "code_challenge"):
            assert first[name] != second[name]


def test_a_public_client_has_no_secret(here: Settings) -> None:
    with both(here, Provider(secret=None)) as pair:
        assert pair.come(pair.site.browser()).status_code == 303


def test_rights_and_region_by_the_claims_of_the_settings(here: Settings) -> None:
    person = {"sub": "1", "upn": "wang", "unit": "BJ-EDU", "groups": ["staff", "names", "sql"]}
    with both(here, Provider(person=person), oidc_name_claim="upn", oidc_region_claim="unit",
              oidc_regions={"BJ-EDU": "110000"}, oidc_rights_claim="groups",
              oidc_names_right="names", oidc_query_right="sql") as pair:
        browser = pair.site.browser()
        assert pair.come(browser).status_code == 303
        assert browser.get("/query").status_code == 200
        assert browser.get("/regions/110000").status_code == 200


def test_claims_may_come_from_userinfo(here: Settings) -> None:
    provider = Provider(person={"sub": "1", "preferred_username": "li"},
                        in_userinfo={"region": "440000"})
    with both(here, provider) as pair:
        browser = pair.site.browser()
        assert pair.come(browser).status_code == 303
        assert browser.get("/regions/440000").status_code == 200
        provider.in_userinfo = {"region": "440000", "sub": "somebody else"}
        assert pair.come(pair.site.browser()).status_code == 403


def _with(**claims: Any) -> dict[str, Any]:
    return {"tamper": lambda honest: {**honest, **claims}}


def _without(name: str) -> dict[str, Any]:
    return {"tamper": lambda honest: {k: v for k, v in honest.items() if k != name}}


LIES: dict[str, dict[str, Any]] = {
    "another nonce": _with(nonce="replayed"), "no nonce": _without("nonce"),
    "for another client": _with(aud="another"),
    "for another client, passed on": _with(aud=["another"], azp=CLIENT_ID),
    "by another issuer": _with(iss="https://evil.example"), "by nobody": _without("iss"),
    "expired": _with(exp=1_000_000), "without an end": _without("exp"),
    "from the future": _with(nbf=99_999_999_999),
    "signed with another key": {"key": OTHER_KEY, "keys_of": "honest"},
    "not signed": {"alg": "none", "offered": ("RS256", "none")},
    "signed with the shared secret": {"alg": "HS256", "key": SECRET,
                                      "offered": ("RS256", "HS256")},
    "no id token": {"without_id_token": True},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_what_is_not_the_providers_own_word_is_refused(
    here: Settings, lie: dict[str, Any]
) -> None:
    changes = dict(lie)
    provider = Provider()
    if changes.pop("keys_of", None):
        honest = provider.keys()
        provider.keys = lambda: honest  # type: ignore[method-assign]  # it still shows the old key
    with both(here, provider) as pair:
        for name, value in changes.items():
            setattr(provider, name, value)
        browser = pair.site.browser()
        answer = pair.come(browser)
        assert answer.status_code == 401
        assert "统一身份认证未成功" in answer.text
        assert "xueshi" not in browser.cookies
        assert browser.get("/regions/110000").status_code == 303


def test_new_keys_of_the_provider_are_fetched(here: Settings) -> None:
    provider = Provider()
    with both(here, provider) as pair:
        assert pair.come(pair.site.browser()).status_code == 303
        provider.key, provider.kid = OTHER_KEY, "2"
        assert pair.come(pair.site.browser()).status_code == 303


def test_the_way_back_belongs_to_one_browser_and_one_time(here: Settings) -> None:
    """Login CSRF and replay: another browser, the same browser twice, a forged state."""
    with both(here, Provider()) as pair:
        victim, attacker = pair.site.browser(), pair.site.browser()
        back = pair.leave(attacker).headers["location"]
        assert victim.get(back).status_code == 401
        back = pair.leave(attacker).headers["location"]
        assert attacker.get(back).status_code == 303
        again = pair.site.browser()
        assert again.get(back).status_code == 401
        back = pair.leave(victim).headers["location"]
        state = parse_qs(urlsplit(back).query)["state"][0]
        assert victim.get(back.replace(state, "forged")).status_code == 401
        assert victim.get(back).status_code == 401  # the attempt used it up
        assert "xueshi" not in victim.cookies


def test_a_way_back_that_took_too_long(here: Settings) -> None:
    with both(here, Provider()) as pair:
        browser = pair.site.browser()
        back = pair.leave(browser).headers["location"]
        pair.site.clock.now += 11 * 60_000
        assert browser.get(back).status_code == 401


def test_another_issuer_in_the_answer_is_a_mix_up(here: Settings) -> None:
    with both(here, Provider()) as pair:
        browser = pair.site.browser()
        back = httpx.URL(pair.leave(browser).headers["location"])
        assert browser.get(back.copy_set_param("iss", "https://evil.example")).status_code == 401


def test_what_the_provider_refuses_is_said_without_its_words(here: Settings) -> None:
    with both(here, Provider()) as pair:
        browser = pair.site.browser()
        pair.leave(browser)
        answer = browser.get("/login/oidc/callback", params={
            "error": "access_denied", "error_description": "<script>wicked</script>"})
        assert answer.status_code == 401
        assert "wicked" not in answer.text


def test_metadata_of_another_issuer_are_refused(here: Settings) -> None:
    provider = Provider()
    with both(here, provider) as pair:
        provider.issuer = "https://evil.example"
        assert pair.site.browser().get("/login/oidc").status_code == 401


def test_a_provider_that_is_away(here: Settings) -> None:
    with dashboard(Settings(var_dir=here.var_dir, oidc_issuer="http://127.0.0.1:1")) as site:
        browser = site.browser()
        assert browser.get("/login/oidc").status_code == 401
        assert browser.sign_in("bj").status_code == 303  # passwords still work


def test_without_a_provider_there_is_no_such_way(site: Site) -> None:
    browser = site.browser()
    assert "/login/oidc" not in browser.get("/login").text
    assert browser.get("/login/oidc").status_code == 404
    assert browser.get("/login/oidc/callback").status_code == 404


def test_the_session_ends_by_time_and_by_hand(here: Settings) -> None:
    with both(here, Provider()) as pair:
        browser = pair.site.browser()
        pair.come(browser)
        assert browser.get("/regions/110000").status_code == 200
        assert "统一身份认证管理" in browser.get("/password").text
        pair.site.clock.now += HOUR
        assert browser.get("/regions/110000").status_code == 303


def test_an_account_of_the_provider_is_no_local_one(here: Settings) -> None:
    """A person called `bj` there is not our account `bj`, whose rights are more."""
    person = {"sub": "1", "preferred_username": "bj", "region": "440000"}
    with both(here, Provider(person=person)) as pair:
        browser = pair.site.browser()
        pair.come(browser)
        assert browser.get("/regions/110000").status_code == 404
        assert browser.get("/query").status_code == 404
        assert "sso:bj" in browser.get("/regions/440000").text


@pytest.mark.parametrize("person", [
    {}, {"region": None}, {"region": ""}, {"region": "110"}, {"region": ["110000", "440000"]},
    {"region": []}, {"region": {"code": "110000"}}, {"region": "all"}, {"region": "110001"},
    {"region": "110000", "preferred_username": ""},
    {"region": "110000", "preferred_username": 7},
    {"region": "110000", "preferred_username": "a\nb"},
    {"region": "110000", "preferred_username": "x" * 129},
], ids=str)
def test_who_has_no_single_region_or_no_name_gets_no_account(person: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError) as error:
        MAPPING.account({"preferred_username": "li", **person})
    assert "li" not in str(error.value).replace("claim", "")


MAPPING = Mapping("preferred_username", "region", {"Beijing": "110000"}, "roles", "names", "sql")


@pytest.mark.parametrize(("claims", "account"), [
    ({"region": "110000"}, Account("sso:li", "110000", False, False)),
    ({"region": 110000}, Account("sso:li", "110000", False, False)),
    ({"region": ["Beijing"], "roles": "names other"}, Account("sso:li", "110000", True, False)),
    ({"region": "000000", "roles": ["sql", 7]}, Account("sso:li", "000000", False, True)),
    ({"region": "110000", "roles": {"sql": True}}, Account("sso:li", "110000", False, False)),
    ({"region": "110000", "roles": "sqlx"}, Account("sso:li", "110000", False, False)),
])
def test_what_claims_mean(claims: dict[str, Any], account: Account) -> None:
    assert MAPPING.account({"preferred_username": "li", **claims}) == account


def test_nobody_is_named_in_the_servers_log(
    here: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    person = {"sub": "4711", "preferred_username": "li.wei", "region": "nowhere"}
    with both(here, Provider(person=person)) as pair:
        assert pair.come(pair.site.browser()).status_code == 403
    for word in ("li.wei", "4711", "nowhere"):
        assert word not in caplog.text
    assert "has no region code" in caplog.text
