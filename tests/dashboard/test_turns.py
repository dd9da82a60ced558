"""Only so many large files are on their way at once, whatever becomes of their readers."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from starlette.types import Message

from tests.dashboard.big import publish_big
from tests.dashboard.serving import browsing
from warehouse.dashboard.downloads import LARGE_ROWS, MOST_AT_ONCE, Turns
from warehouse.dashboard.errors import BusyError
from warehouse.dashboard.sending import Sending

LARGE = "/regions/440000/teachers"
TEACHERS = 200_000
AS_IT_IS = {"Accept-Encoding": "identity"}  # too much for what sockets hold


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    publish_big(folder / "published", TEACHERS)
    return folder


@pytest.fixture
def client(province: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """Browses a dashboard that sends one large file at a time and has little patience."""
    monkeypatch.setattr("warehouse.dashboard.downloads.MOST_AT_ONCE", 1)
    monkeypatch.setattr("warehouse.dashboard.downloads.PATIENCE_S", 0.01)
    with browsing(province, "440000") as client:
        yield client


def comes(client: httpx.Client, path: str, within_s: float = 10) -> bool:
    """Whether the file can be had, soon."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError), client.stream("GET", path) as answer:
            if answer.status_code == 200:
                return True
        time.sleep(0.05)
    return False


def test_a_turn_is_given_back_once_and_small_files_need_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("warehouse.dashboard.downloads.PATIENCE_S", 0.01)
    turns = Turns()
    taken = [turns.take(LARGE_ROWS) for _ in range(MOST_AT_ONCE)]
    with pytest.raises(BusyError):
        turns.take(LARGE_ROWS)
    turns.take(LARGE_ROWS - 1)()
    taken[0]()
    turns.take(LARGE_ROWS)()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_while_one_is_sent_others_are_told_what_to_do(client: httpx.Client, form: str) -> None:
    with client.stream("GET", f"{LARGE}.{form}", headers=AS_IT_IS) as answer:
        assert answer.status_code == 200
        chunks = answer.iter_raw()  # kept: httpx hangs up when it is forgotten
        assert next(chunks)
        refused = client.get(f"{LARGE}.xlsx")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert "下载任务较多" in refused.text
        assert client.get("/regions/440000/funnel.xlsx").status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_end_of_a_file_gives_the_turn_back(client: httpx.Client, form: str) -> None:
    assert client.get(f"/regions/441900/teachers.{form}").status_code == 200
    assert comes(client, f"/regions/441900/teachers.{form}")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_reader_who_goes_away_gives_the_turn_back(client: httpx.Client, form: str) -> None:
    for _ in range(2):
        with client.stream("GET", f"{LARGE}.{form}", headers=AS_IT_IS) as answer:
            assert answer.status_code == 200
            assert next(answer.iter_raw())
        assert comes(client, f"{LARGE}.{form}")


def test_a_query_that_fails_gives_the_turn_back(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("warehouse.dashboard.lists.FETCH", "many")  # no number: fetching fails
        assert client.get(f"{LARGE}.csv").status_code == 500
    assert comes(client, f"{LARGE}.csv")


def test_a_reader_who_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.dashboard.sending.STALL_S", 0.05)
    ended: list[str] = []

    async def nothing() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def stuck(message: Message) -> None:
        if message.get("body"):
            await asyncio.Event().wait()

    file = Sending(iter([b"1", b"2"]), {}, "text/csv", lambda: ended.append("end"))
    asyncio.run(asyncio.wait_for(file({"type": "http"}, nothing, stuck), 5))
    assert ended == ["end"]
