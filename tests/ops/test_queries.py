"""The reader of queries sees what is wrong with one; else the tests that use it prove nothing."""

import pytest

from tests.ops.queries import Asked, asked, faults, grouped


def test_metrics_labels_and_groups_are_found() -> None:
    expr = ('sum by (job, instance) (rate(a_total{job="x",status=~"5.."}[5m] offset 1d)) '
            "/ on (job) b > 0.01 or vector(1e9)")
    assert list(asked(expr)) == [
        Asked("a_total", (("job", "=", "x"), ("status", "=~", "5.."))), Asked("b", ())]
    assert grouped(expr) == {"job", "instance"}


@pytest.mark.parametrize(("expr", "fault"), [
    ("xueshi_nothing > 0", "no metric xueshi_nothing"),
    ("rate(xueshi_worker_flush_seconds[1m])", "no metric xueshi_worker_flush_seconds"),
    ('up{process="worker"}', "up has no process"),
    ("sum by (agent) (xueshi_loader_stuck)", "xueshi_loader_stuck has no agent"),
    ("sum by (le) (xueshi_worker_flush_seconds_sum)",
     "xueshi_worker_flush_seconds_sum has no le"),
    ('xueshi_lag_state{state="STALLED"}', "state is never STALLED"),
    ('xueshi_log_lines_total{level=~"ERROR|FATAL"}', "level is never FATAL"),
    ("vector(1)", "asks for nothing")])
def test_what_nobody_serves_is_found(expr: str, fault: str) -> None:
    assert list(faults(expr)) == [fault]
