"""The load of the collector's benchmark: whole, good, and as many players as it says."""

from itertools import islice

import pytest

from bench.collector import load
from bench.collector.generator import Found
from bench.collector.measure import Figures
from bench.collector.table import Run, table, told
from pipeline.collector.sorting import Sorter
from pipeline.collector.tokens import Tokens
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings

NOW = 1_690_000_000_000
SECRET = "a-secret-that-is-long-enough-0123456789"
SESSIONS = 40


@pytest.fixture(scope="module")
def requests() -> list[tuple[bytes, int]]:
    catalogue = load_catalogue(Settings().programmes_dir)
    made = load.make(catalogue, Tokens(SECRET), SESSIONS, NOW, seed=1)
    return list(islice(made.requests(), 50 * SESSIONS))


def test_every_post_is_good_and_has_the_events_it_says(requests: list[tuple[bytes, int]]) -> None:
    catalogue, tokens = load_catalogue(Settings().programmes_dir), Tokens(SECRET)
    for request, events in requests:
        head, _, body = request.partition(b"\r\n\r\n")
        token = head.split(b"Bearer ")[1].split(b"\r\n")[0].decode()
        post = Sorter(catalogue, tokens.read(token, NOW), NOW).sort(body, 500)
        assert (post.errors, post.accepted) == ([], events)
        assert int(head.split(b"Content-Length: ")[1]) == len(body)


def test_all_sessions_take_turns_and_say_something_new(requests: list[tuple[bytes, int]]) -> None:
    tokens = [request.split(b"Bearer ")[1].split(b"\r\n")[0] for request, _ in requests]
    assert len(set(tokens[:SESSIONS])) == SESSIONS
    assert tokens[:SESSIONS] == tokens[SESSIONS:2 * SESSIONS]
    assert len({request for request, _ in requests}) == len(requests)


def test_the_shares_are_as_told(requests: list[tuple[bytes, int]]) -> None:
    quizzes = sum(b'"quiz"' in request for request, _ in requests) / len(requests)
    ones = sum(events == 1 and b'"quiz"' not in request
               for request, events in requests) / len(requests)
    assert quizzes == pytest.approx(load.SHARES["quiz"] / 100, abs=0.03)
    assert ones == pytest.approx(load.SHARES["one"] / 100, abs=0.05)


def figures(posts: int, cpu_s: float) -> Figures:
    found = Found(posts=posts, events=posts, all_events=posts, seconds=2.0, statuses={202: posts},
                  latencies_ms=(1.0, 2.0, 3.0), cpu_s=0.5)
    return Figures(found, cpu_s, 0.1, 100.0)


def test_a_table_has_median_and_range_of_each_version() -> None:
    runs = [Run("now", figures(posts, 2.0), figures(100, 1.0)) for posts in (6000, 9000, 8000)]
    shown = table([Run("main", figures(5000, 2.0), figures(100, 1.0)), *runs])
    assert shown.splitlines()[0] == "| | main | now |"
    assert ("| posts per CPU-second of the collector, highest load | 2,500 (2,500–2,500) "
            "| 4,000 (3,000–4,500) |") in shown
    assert told(runs[0])["statuses"] == {202: 6000}
