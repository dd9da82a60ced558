"""Play tokens (rule 18)."""

import jwt
import pytest

from pipeline.collector.faults import RefusedError
from pipeline.collector.tokens import Play, Tokens

SECRET = "a-secret-that-is-long-enough-0123456789"
NOW = 1_690_000_000_000
PLAY = Play("teacher-1", "video-1", "session-1", NOW, NOW + 3_600_000)
CLAIMS = {"sub": "teacher-1", "res": "video-1", "sid": "session-1", "opened_at": NOW,
          "exp": NOW // 1000 + 3600}


def refusal(token: str, now: int = NOW) -> str:
    with pytest.raises(RefusedError) as caught:
        Tokens(SECRET).read(token, now)
    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")
    return str(caught.value.errors[0]["type"])


def test_rule_18_a_token_carries_its_play() -> None:
    assert Tokens(SECRET).read(Tokens(SECRET).sign(PLAY), NOW) == PLAY


def test_rule_18_a_token_ends_by_the_time_given_not_by_a_clock() -> None:
    tokens = Tokens(SECRET)
    token = tokens.sign(PLAY)
    assert tokens.read(token, PLAY.expires_at - 1) == PLAY
    assert refusal(token, PLAY.expires_at) == "token_expired"
    with pytest.raises(RefusedError):  # however often it was read before
        tokens.read(token, PLAY.expires_at)


@pytest.mark.parametrize("token", [
    pytest.param(jwt.encode(CLAIMS, SECRET + "x", "HS256"), id="another secret"),
    pytest.param(jwt.encode(CLAIMS, "", "none"), id="no signature"),
    pytest.param(jwt.encode(CLAIMS, SECRET * 2, "HS512"), id="another algorithm"),
    pytest.param(jwt.encode(CLAIMS | {"sub": "a teacher"}, SECRET, "HS256"), id="no id"),
    pytest.param(jwt.encode(CLAIMS | {"exp": "soon"}, SECRET, "HS256"), id="no expiry"),
    pytest.param(jwt.encode({"sub": "teacher-1"}, SECRET, "HS256"), id="other claims"),
    pytest.param(jwt.encode(CLAIMS, SECRET, "HS256")[:-2], id="cut off"),
    pytest.param("no token", id="no token"),
    pytest.param("é.é.é", id="not ASCII"),
])
def test_rule_18_a_forged_token_is_refused(token: str) -> None:
    assert refusal(token) == "token_invalid"


def test_rule_18_no_token_is_refused() -> None:
    assert refusal("") == "token_missing"


def outcome(tokens: Tokens, token: str) -> Play | str:
    try:
        return tokens.read(token, NOW)
    except RefusedError as error:
        return str(error.errors[0]["type"])


class Slow(Tokens):
    """Leaves everything to PyJWT."""

    def _own(self, _: str) -> None:
        return None


def test_rule_18_the_quick_look_lets_nothing_in_that_pyjwt_refuses() -> None:
    token = Tokens(SECRET).sign(PLAY)
    changed = [token[:at] + other + token[at + 1:]
               for at in range(len(token)) for other in ("A", "-", ".", "=", "é")]
    changed += [token + end for end in ("=", "==", ".", "A", "\n")] + [token[:-1], token[1:]]
    outcomes = [outcome(Tokens(SECRET), one) for one in changed if one != token]
    assert outcomes == [outcome(Slow(SECRET), one) for one in changed if one != token]
    # The last character of a signature has two bits that nothing is made of.
    assert {one for one in outcomes if isinstance(one, str)} == {"token_invalid"}


@pytest.mark.parametrize("head", [{"alg": "HS256"}, {"typ": "JWT", "kid": "1"}])
def test_rule_18_a_token_with_another_head_is_read_too(head: dict[str, str]) -> None:
    token = jwt.encode(CLAIMS, SECRET, "HS256", headers=head)
    assert Tokens(SECRET).read(token, NOW) == PLAY


@pytest.mark.parametrize("claims", [
    {"exp": "soon"}, {"sub": "a teacher"}, {"opened_at": 1.5}, {"opened_at": True}, {"sid": None},
])
def test_rule_18_claims_are_as_strict_on_the_quick_way(claims: dict[str, object]) -> None:
    token = jwt.encode(CLAIMS | claims, SECRET, "HS256")
    assert outcome(Tokens(SECRET), token) == outcome(Slow(SECRET), token) == "token_invalid"
