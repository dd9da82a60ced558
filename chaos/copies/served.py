"""Copy (a): the workers' table, over HTTP."""

import asyncio
from collections.abc import Iterable
from typing import Any

from chaos.copies.figures import CREDIT, Copy, Figures, Key
from demo.workers_table import each_progress


def read_served(worker_url: str, platform_key: str, teachers: Iterable[str]) -> Copy:
    """What any one worker says of these teachers; it asks the others for theirs.

    Raises:
        httpx.HTTPError: it does not answer, or with an error.
    """
    figures = asyncio.run(_read(worker_url, platform_key, list(teachers)))
    return Copy("served", CREDIT | {"counted"}, figures)


async def _read(url: str, key: str, teachers: list[str]) -> Figures:
    figures: Figures = {}
    async for progress in each_progress(url, key, teachers):
        for programme in progress["programmes"]:
            _enter(figures, progress["teacher_id"], programme)
    return figures


def _enter(figures: Figures, teacher: str, programme: dict[str, Any]) -> None:
    id_ = programme["programme_id"]
    figures[Key("recognised", teacher, id_, "")] = programme["recognised_seconds"]
    for course in programme["courses"]:
        for what in ("learned", "credited"):
            figures[Key(what, teacher, id_, course["course_id"])] = course[f"{what}_seconds"]
        for resource in course["resources"]:
            if resource["kind"] == "video" and resource["state"] == "done":
                figures[Key("counted", teacher, id_, resource["resource_id"])] = 1
