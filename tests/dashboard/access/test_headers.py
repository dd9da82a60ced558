"""What every answer tells the browser (OWASP ASVS 14.4), whoever made it."""

import pytest

from tests.dashboard.access.serving import Site

ANSWERS = {
    "the sign-in": ("GET", "/login", 200, False), "the way to it": ("GET", "/", 303, False),
    "a program without a session": ("GET", "/api/x", 401, False),
    "a forged form": ("POST", "/logout", 415, True),
    "a page": ("GET", "/regions/110000", 200, True),
    "a download": ("GET", "/regions/110000/teachers.csv", 200, True),
    "a page that is not there": ("GET", "/nowhere", 404, True),
    "another's page": ("GET", "/regions/440000", 404, True),
    "the SQL box": ("GET", "/query", 200, True), "health": ("GET", "/healthz", 200, False),
    "style": ("GET", "/static/dashboard.css", 200, False),
}


@pytest.mark.parametrize(("method", "path", "status", "inside"), ANSWERS.values(),
                         ids=ANSWERS.keys())
def test_every_answer_is_locked_down(
    shared: Site, method: str, path: str, status: int, inside: bool
) -> None:
    browser = shared.signed_in("bj") if inside else shared.browser()
    answer = browser.request(method, path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                 "base-uri 'none'", "form-action 'self'"):
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert ("no-store" in answer.headers["cache-control"]) == (path[:8] != "/static/")
    assert "strict-transport-security" not in answer.headers  # it is plain HTTP here
    assert "access-control-allow-origin" not in answer.headers
