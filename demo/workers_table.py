"""The credited-hours table as the workers serve it, teacher by teacher (rules 25, 26)."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx

from simulator.comparison import Actual

AT_ONCE = 16
MOVING, AGAIN_S, PATIENCE_S = 503, 0.5, 30.0
Figures = dict[tuple[str, str, str], tuple[int, int]]


async def read_table(worker: str, platform_key: str, teachers: Iterable[str]) -> Actual:
    """Every teacher's figures over HTTP. A teacher never heard of has none.

    Raises:
        httpx.HTTPError: the worker does not answer, or with an error.
    """
    courses: Figures = {}
    recognised: dict[tuple[str, str], int] = {}
    async for progress in each_progress(worker, platform_key, list(teachers)):
        _enter(progress, courses, recognised)
    return Actual(courses, recognised)


async def each_progress(
    worker: str, key: str, teachers: list[str]
) -> AsyncIterator[dict[str, Any]]:
    """What the worker answers about each; no programmes where it has never heard of them.

    Raises:
        httpx.HTTPError: the worker does not answer, or with an error, or moves for PATIENCE_S.
    """
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=worker, headers=headers, timeout=30) as client:
        for start in range(0, len(teachers), AT_ONCE):
            some = teachers[start : start + AT_ONCE]
            for answer in await asyncio.gather(*[_progress(client, one) for one in some]):
                yield answer


async def _progress(client: httpx.AsyncClient, teacher_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        response = await client.get(f"/v1/teachers/{teacher_id}/progress")
        if response.status_code != MOVING or time.monotonic() > deadline:
            break
        await asyncio.sleep(AGAIN_S)
    if response.status_code == 404:
        return {"teacher_id": teacher_id, "programmes": []}
    response.raise_for_status()
    body: dict[str, Any] = response.json()
    return body


def _enter(
    progress: dict[str, Any], courses: Figures, recognised: dict[tuple[str, str], int]
) -> None:
    teacher = progress["teacher_id"]
    for programme in progress["programmes"]:
        place = (teacher, programme["programme_id"])
        recognised[place] = programme["recognised_seconds"]
        for course in programme["courses"]:
            figures = (course["learned_seconds"], course["credited_seconds"])
            courses[(*place, course["course_id"])] = figures
