"""Forms that no page of ours made are refused, whatever else is right (CSRF)."""

import socket
from base64 import b64decode
from collections.abc import Iterator

import pytest

from tests.dashboard.access.serving import PASSWORDS, Browser, Site

GOOD = {"sec-fetch-site": "same-origin"}


def leaves(browser: Browser, **headers: str) -> int:
    """Try to sign out; the status. With the right token, unless the headers say otherwise."""
    token = headers.pop("token", None) or browser.token("/password")
    return browser.post("/logout", data={"csrf": token}, headers=headers).status_code


def test_the_right_form_passes(shared: Site) -> None:
    assert leaves(shared.signed_in("bj"), origin=shared.url, **GOOD) == 303


@pytest.mark.parametrize("headers", [
    {"token": "wrong"}, {"origin": "https://evil.example"}, {"origin": "null"},
    {"origin": "http://127.0.0.1"}, {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
], ids=str)
def test_a_forged_form_does_nothing(shared: Site, headers: dict[str, str]) -> None:
    browser = shared.signed_in("bj")
    assert leaves(browser, **headers) == 403
    assert browser.get("/password").status_code == 200  # still signed in
    assert shared.log("act")[-1]["refused"] == "form"


def test_a_form_without_a_token_does_nothing(shared: Site) -> None:
    browser = shared.signed_in("bj")
    assert browser.post("/logout", data={"x": "y"}).status_code == 403
    assert browser.post("/logout").status_code == 415
    assert browser.get("/password").status_code == 200


def test_the_token_of_another_session_does_not_fit(shared: Site) -> None:
    mine, other = shared.signed_in("bj"), shared.signed_in("bj")
    assert leaves(mine, token=other.token("/password")) == 403


def test_the_token_may_be_in_a_header_for_programs(shared: Site) -> None:
    browser = shared.signed_in("bj")
    answer = browser.post("/logout", data={"a": "b"},
                          headers={"X-CSRF-Token": browser.token("/password")})
    assert answer.status_code == 303


def passes(browser: Browser, token: str) -> bool:
    """Whether the guard lets a form through; there is nothing behind it."""
    status = browser.post("/regions/110000", data={"csrf": token}).status_code
    assert status in (403, 404)
    return status == 404


def test_every_page_has_a_token_of_its_own(shared: Site) -> None:
    """Pages are compressed: the same secret in each would be betrayed by their sizes (BREACH)."""
    browser = shared.signed_in("bj")
    tokens = [browser.token("/password") for _ in range(2)]
    assert all(one not in tokens[1] for one in parts(tokens[0]))
    assert all(passes(browser, token) for token in tokens)


def test_the_token_of_the_sign_in_page_is_another_in_each_too(shared: Site) -> None:
    browser = shared.browser()
    tokens = [browser.token("/login") for _ in range(2)]
    assert all(one not in tokens[1] for one in parts(tokens[0]))
    form = {"name": "bj", "password": PASSWORDS["bj"]}
    kept = browser.cookies["xueshi-entrance"]
    assert browser.post("/login", data={**form, "csrf": kept}).status_code == 403
    assert browser.post("/login", data={**form, "csrf": tokens[0]}).status_code == 303


def parts(token: str) -> list[str]:
    """Pieces of it, each as unlikely in another token as a secret of 72 bits."""
    return [token[at:at + 12] for at in range(len(token) - 11)]


def test_a_token_that_was_tampered_with_is_refused(shared: Site) -> None:
    browser = shared.signed_in("bj")
    good = browser.token("/password")
    letter = "A" if good[20] != "A" else "B"
    for bad in (good[:20] + letter + good[21:], good[::-1], good[:-4], good[4:], good * 2,
                f"{good}A", good[:-1] + "A", f"+{good[1:]}", "钥匙", "=", "AAAA" * 29):
        assert not passes(browser, bad), bad
    assert passes(browser, good)


def test_a_token_has_one_spelling(shared: Site) -> None:
    """Python reads each of these as the token: other letters, letters of no meaning, spare bits."""
    browser = shared.signed_in("bj")
    good = next(token for token in tokens(browser) if "-" in token and "_" in token)
    spare = chr(ord(good[-2]) + 1)
    for bad in (good.replace("-", "+"), good.replace("_", "/"), f" {good}", f"{good}=",
                f"{good[:8]}.{good[8:]}", f"{good[:-2]}{spare}="):
        assert b64decode(bad, altchars=b"-_") == b64decode(good, altchars=b"-_")
        assert not passes(browser, bad), bad
    assert passes(browser, good)


def tokens(browser: Browser) -> Iterator[str]:
    while True:
        yield browser.token("/password")


def test_nobody_is_signed_in_by_another_site(shared: Site) -> None:
    """Login CSRF: a stranger's form would sign the victim in as the stranger."""
    browser = shared.browser()
    form = {"name": "bj", "password": PASSWORDS["bj"]}
    assert browser.post("/login", data=form).status_code == 403
    assert browser.post("/login", data={**form, "csrf": ""}).status_code == 403
    token = browser.token("/login")
    evil = {"origin": "https://evil.example"}
    assert browser.post("/login", data={**form, "csrf": token}, headers=evil).status_code == 403
    assert "xueshi" not in browser.cookies


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "QUERY"])
def test_every_method_that_may_change_something_wants_the_token(shared: Site, method: str) -> None:
    browser = shared.signed_in("bj")
    answer = browser.request(method, "/regions/110000", data={"a": "b"})
    assert answer.status_code == 403


@pytest.mark.parametrize(("kind", "body", "status"), [
    ("application/json", b"{}", 415), ("multipart/form-data; boundary=x", b"--x--", 415),
    ("text/plain", b"csrf=1", 415), ("application/x-www-form-urlencoded", b"a=" * 200_000, 413),
    ("application/x-www-form-urlencoded", b"a=1&" * 100, 400),
    ("application/x-www-form-urlencoded", b"\xff\xfe", 400),
])
def test_a_body_that_is_no_form_of_ours(shared: Site, kind: str, body: bytes, status: int) -> None:
    answer = shared.signed_in("bj").post("/logout", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status


@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1.evil.example", "[::1", "0x7f.1"])
def test_no_other_name_leads_here(shared: Site, host: str) -> None:
    """DNS rebinding: a page of evil.example that resolves to this machine."""
    answer = shared.signed_in("bj").get("/regions/110000", headers={"Host": host})
    assert answer.status_code == 421
    assert "北京" not in answer.text


def test_a_websocket_gets_no_answer(shared: Site) -> None:
    host, port = shared.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"GET /regions/110000 HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Key: eGVzaGkxMjM0NTY3ODkwMQ==\r\n"
                    "Sec-WebSocket-Version: 13\r\n\r\n".encode())
        assert b" 101 " not in raw.recv(4096)
