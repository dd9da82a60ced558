"""Tickets and visits: signed for one use each, until they expire or are used up."""

from pathlib import Path
from typing import Any

import jwt
import pytest

from learner.passes import TICKET, VISIT, Pass, Passes
from learner.spent import Spent
from pipeline.collector.faults import RefusedError
from pipeline.collector.tokens import Play, Tokens
from tests.learner.people import NOON
from tests.learner.serving import SECRET

PASSES = Passes(SECRET)
CLAIMS = {"aud": VISIT, "sub": "anna", "jti": "j", "exp": NOON // 1000 + 60}


def test_a_pass_is_good_until_it_expires_by_the_time_given() -> None:
    token = PASSES.sign(VISIT, "anna", NOON, 60)
    found = PASSES.read(VISIT, token, NOON + 59_999)
    assert found is not None
    assert (found.teacher_id, found.expires_at) == ("anna", NOON + 60_000)
    assert PASSES.read(VISIT, token, NOON + 60_000) is None


def test_a_ticket_is_no_visit_and_a_visit_no_ticket() -> None:
    assert PASSES.read(VISIT, PASSES.sign(TICKET, "anna", NOON, 60), NOON) is None
    assert PASSES.read(TICKET, PASSES.sign(VISIT, "anna", NOON, 60), NOON) is None


def test_rule_18_a_play_token_is_no_pass_and_a_pass_no_play_token() -> None:
    play = Tokens(SECRET).sign(Play("anna", "ideals-01", "s", NOON, NOON + 60_000))
    for audience in (TICKET, VISIT):
        assert PASSES.read(audience, play, NOON) is None
        with pytest.raises(RefusedError):
            Tokens(SECRET).read(PASSES.sign(audience, "anna", NOON, 60), NOON)


@pytest.mark.parametrize("token", [
    "", "x", "a.b.c", "é" * 2000,
    jwt.encode(CLAIMS, "another-secret-that-is-long-enough-01", algorithm="HS256"),
    jwt.encode(CLAIMS, SECRET, algorithm="HS512"),
    jwt.encode(CLAIMS, "", algorithm="none"),
    *(jwt.encode({**CLAIMS, **wrong}, SECRET, algorithm="HS256") for wrong in (
        {"sub": "an/na"}, {"aud": [VISIT, TICKET]}, {"aud": "other"}, {"exp": "1"})),
    *(jwt.encode({k: v for k, v in CLAIMS.items() if k != name}, SECRET, algorithm="HS256")
      for name in CLAIMS),
])
def test_what_is_forged_is_no_pass(token: str) -> None:
    assert PASSES.read(VISIT, token, NOON) is None


def test_a_changed_pass_is_no_pass() -> None:
    head, body, signature = PASSES.sign(VISIT, "anna", NOON, 60).split(".")
    other = PASSES.sign(VISIT, "bert", NOON, 60).split(".")[1]
    assert PASSES.read(VISIT, f"{head}.{other}.{signature}", NOON) is None
    assert PASSES.read(VISIT, f"{head}.{body}.{signature}", NOON) is not None


def test_a_pass_is_spent_once_across_restarts_and_forgotten_when_it_expires(
    tmp_path: Path,
) -> None:
    path = tmp_path / "learner" / "visits.sqlite"
    one = Pass("anna", "id-1", NOON + 60_000)
    assert not Spent(path).is_spent(one)
    assert Spent(path).spend(one, NOON)
    assert not Spent(path).spend(one, NOON)
    assert Spent(path).is_spent(one)
    assert path.stat().st_mode & 0o077 == 0
    later: Any = Pass("bert", "id-2", NOON + 120_000)
    Spent(path).spend(later, NOON + 60_000)
    assert not Spent(path).is_spent(one)


def test_what_the_secret_before_signed_is_good_until_it_is_taken_away() -> None:
    old = Passes("the-old-secret-of-the-tests-0123456789")
    both = Passes(SECRET, "the-old-secret-of-the-tests-0123456789")
    visit = old.sign(VISIT, "anna", NOON, 60)
    assert both.read(VISIT, visit, NOON) == old.read(VISIT, visit, NOON) is not None
    assert both.read(VISIT, visit, NOON + 60_000) is None
    assert PASSES.read(VISIT, both.sign(VISIT, "anna", NOON, 60), NOON) is not None
    assert PASSES.read(VISIT, visit, NOON) is None
