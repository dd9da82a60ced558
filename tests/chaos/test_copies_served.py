"""Copy (a): the workers' table holds the truth, and every change is found."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chaos.copies.figures import Copy, Figures, compare
from chaos.copies.served import read_served
from pipeline.agents.crediting import Book
from pipeline.rules.progress import programme_progress
from pipeline.rules.watching import Viewer
from tests.chaos.summer import Summer

Change = Callable[[dict[str, Any]], None]
Handler = Callable[[web.Request], Awaitable[web.Response]]


def serving(made: Summer, change: Change, moving: int) -> Handler:
    """A worker's page, of the shards as they are in the end; first it answers 503 a few times."""
    viewers = {t: v.folded() for s in made.watching.values() for t, v in s.live.items()}
    books = {t: book for s in made.crediting.values() for t, book in s.live.items()}
    left = [moving]

    async def answer(request: web.Request) -> web.Response:
        teacher = request.match_info["teacher"]
        if left[0] > 0:
            left[0] -= 1
            return web.json_response({}, status=503)
        if teacher not in viewers and teacher not in books:
            return web.json_response({}, status=404)
        account, viewer = books.get(teacher, Book()).account, viewers.get(teacher, Viewer())
        body = {"teacher_id": teacher, "programmes": [
            programme_progress(programme, viewer, account)
            for programme in made.catalogue.programmes.values()]}
        change(body)
        return web.json_response(body)

    return answer


def served(made: Summer, change: Change = lambda _: None, moving: int = 0) -> Copy:
    async def run() -> Copy:
        app = web.Application()
        app.add_routes([web.get("/v1/teachers/{teacher}/progress",
                                serving(made, change, moving))])
        async with TestServer(app) as server:
            ids = [one.teacher_id for one in made.truth]
            return await asyncio.to_thread(read_served, str(server.make_url("/")), "key", ids)

    return asyncio.run(run())


def test_rule_14_the_workers_table_holds_the_truth(
    one_summer: Summer, truth: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.workers_table.AGAIN_S", 0.01)
    assert compare(served(one_summer, moving=20), truth) == []


def changes(teacher: str) -> Iterator[tuple[Change, set[str]]]:
    def recognised(body: dict[str, Any]) -> None:
        for programme in body["programmes"]:
            programme["recognised_seconds"] *= body["teacher_id"] != teacher

    def not_done(body: dict[str, Any]) -> None:
        if body["teacher_id"] == teacher:
            for course in body["programmes"][1]["courses"]:
                course["resources"] = []

    def learned(body: dict[str, Any]) -> None:
        body["programmes"][0]["courses"][0]["learned_seconds"] += body["teacher_id"] == teacher

    yield recognised, {"recognised"}
    yield not_done, {"counted"}
    yield learned, {"learned"}


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_changed_table_is_found(
    one_summer: Summer, truth: Figures, finisher: str, number: int
) -> None:
    change, expected = list(changes(finisher))[number]
    found = compare(served(one_summer, change), truth)
    assert {(one.what, one.teacher_id) for one in found} == {(what, finisher) for what in expected}
