"""How activities are named: `<prefix><resource>`, and below it the resource's quizzes.

    <prefix>teaching-02                              the video
    <prefix>teaching-02/quizzes/q1                   a quiz
    <prefix>teaching-02/quizzes/q1/questions/3       a question, percent-encoded
"""

import re
from typing import NamedTuple
from urllib.parse import unquote

from pipeline.collector.tokens import Play

INSIDE = re.compile(r"([A-Za-z0-9._:@-]{1,64})(?:[/?#](.*))?", re.DOTALL)
QUIZ = re.compile(r"quizzes/([A-Za-z0-9._:@-]{1,64})(?:/questions/([^/?#]+))?")


class Activity(NamedTuple):
    """What an activity's id says. `inside` None: the resource itself."""

    resource_id: str
    inside: str | None

    @property
    def quiz(self) -> tuple[str, str | None] | None:
        """The quiz's id and the question's name (None: all of the quiz), if it is one."""
        match = QUIZ.fullmatch(self.inside or "")
        return match and (match[1], match[2] and unquote(match[2]))


def activity_of(prefix: str, iri: str) -> Activity | None:
    """The activity of that id, or None for one that is not of this platform."""
    match = INSIDE.fullmatch(iri.removeprefix(prefix)) if iri.startswith(prefix) else None
    return match and Activity(match[1], match[2])


def is_of(play: Play, activity: Activity | None) -> bool:
    """Whether it is the play's resource, or something inside it."""
    return activity is not None and activity.resource_id == play.resource_id
