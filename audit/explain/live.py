"""What a worker says now, compared with what the evidence says. They must agree."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import httpx

from pipeline.rules.programme import Listing

PATIENCE_S = 5.0


class Standing(StrEnum):
    """How the comparison came out."""

    NOT_ASKED = "not_asked"  # not wanted, no key, or the evidence is not whole
    NO_ANSWER = "no_answer"  # no worker answers there, or it cannot tell now
    BEHIND = "behind"        # it differs, but has not read everything yet
    AGREES = "agrees"
    DIFFERS = "differs"      # a bug, of the workers or of this explanation


class Difference(NamedTuple):
    """One value. `place`: programme/course or resource/name."""

    place: str
    evidence: object
    live: object

    def __str__(self) -> str:
        return f"{self.place}：按记录应为 {self.evidence}，系统显示 {self.live}"


class Live(NamedTuple):
    """The outcome; `detail` says in English why there is none."""

    standing: Standing
    detail: str = ""
    differences: tuple[Difference, ...] = ()


class NoAnswerError(Exception):
    """No worker could say; the message has the reason."""


def ask(url: str, platform_key: str, teacher_id: str) -> Sequence[Mapping[str, Any]] | None:
    """The programmes of the worker's progress page; None of a teacher it never heard of.

    Raises:
        NoAnswerError: nobody answers, or with another status than 200 and 404.
    """
    try:
        answer = httpx.get(f"{url}/v1/teachers/{teacher_id}/progress", timeout=PATIENCE_S,
                           headers={"Authorization": f"Bearer {platform_key}"})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        programmes: list[dict[str, Any]] = answer.json()["programmes"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise NoAnswerError(f"{url}: {error or repr(error)}") from error
    return programmes


def compare(
    evidence: Sequence[Mapping[str, Any]], live: Sequence[Mapping[str, Any]],
    listings: Sequence[Listing],
) -> tuple[Difference, ...]:
    """Where the two pages differ on the programmes, courses and resource of the listings."""
    theirs = {programme["programme_id"]: programme for programme in live}
    wanted = {listing.programme.id: listing for listing in listings}
    return tuple(
        difference for mine in evidence if (listing := wanted.get(mine["programme_id"]))
        for difference in _programme(mine, theirs.get(mine["programme_id"], {}), listing))


def _programme(
    mine: Mapping[str, Any], theirs: Mapping[str, Any], listing: Listing
) -> Iterator[Difference]:
    yield from _fields(listing.programme.id, mine, theirs)
    course, other = _of(mine, "courses", listing.course.id), _of(theirs, "courses",
                                                                 listing.course.id)
    yield from _fields(f"{listing.programme.id}/{listing.course.id}", course, other)
    resource_id = listing.resource.id
    yield from _fields(f"{listing.programme.id}/{resource_id}",
                       _of(course, "resources", resource_id), _of(other, "resources", resource_id))


def _of(page: Mapping[str, Any], what: str, id_: str) -> Mapping[str, Any]:
    """The part of the page with this id; {} where there is none."""
    key = f"{what[:-1]}_id"
    return next((part for part in page.get(what, []) if part[key] == id_), {})


def _fields(
    place: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    """Values that differ, but for what is compared by itself."""
    for name, value in mine.items():
        if name not in ("courses", "resources") and value != theirs.get(name):
            yield Difference(f"{place}/{name}", value, theirs.get(name))
