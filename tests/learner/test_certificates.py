"""The certificate's state in words (rule 23)."""

import pytest

from learner.certificates import (
    CHANGED,
    NEXT,
    NOT_COMPLETED,
    NOT_VERIFIED,
    OFF_ROSTER,
    certificate_state,
)
from learner.published import OnRoster
from tests.learner.people import NOON, SUMMER
from tests.learner.test_view import said
from warehouse.certificate.issuing import Standing


def published(completed: bool, verified: bool) -> OnRoster:
    standing = Standing(SUMMER, "…", 2700, True, NOON if completed else None, verified,
                        NOON if verified else None, 0)
    return OnRoster(NOON, "20230720T120000-000001", {SUMMER: standing})


@pytest.mark.parametrize(("now_completed", "was_completed", "verified", "lines"), [
    (False, False, False, (NOT_COMPLETED, NOT_VERIFIED)),
    (False, False, True, (NOT_COMPLETED,)),
    (True, True, False, (NOT_VERIFIED,)),
    (True, False, False, (NOT_VERIFIED,)),
    (True, False, True, (NEXT,)),
    (False, True, True, (CHANGED,)),
])
def test_rule_23_everything_that_is_missing(
    now_completed: bool, was_completed: bool, verified: bool, lines: tuple[str, ...]
) -> None:
    of = said("bert", completed_at=NOON if now_completed else None)
    state = certificate_state(of, "bert", published(was_completed, verified), b"s" * 32)
    assert (state.mark, state.lines, state.number) == ("○", lines, None)
    assert state.verified == ("✔ 已审核" if verified else "○ 未审核")


def test_rule_23_completed_and_verified_it_can_be_had() -> None:
    state = certificate_state(said("bert"), "bert", published(True, True), b"s" * 32)
    assert (state.mark, state.text) == ("✔", "可以领取")
    assert state.number is not None
    assert "2023年7月20日" in state.lines[0]
    without = certificate_state(said("bert"), "bert", published(True, True), None)
    assert (without.mark, without.number) == ("✔", None)


def test_rule_23_nothing_published_and_no_roster() -> None:
    assert certificate_state(said("bert"), "bert", None, None).text == "尚未发布"
    nowhere = OnRoster(NOON, "20230720T120000-000001", {})
    assert certificate_state(said("bert"), "bert", nowhere, None).lines == (OFF_ROSTER,)
