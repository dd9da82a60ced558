"""Answers that the platform reports: collected to attempts, which the server marks (rule 10).

A claim of a score, `success`, or `passed` without answers, is nothing.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.collector.messages import QuizAnswers
from pipeline.rules.programme import Catalogue, Quiz

Choice = str | list[str]


class Answered(NamedTuple):
    """One statement's answers. `question` None: the response is to all of the quiz."""

    id: str
    teacher_id: str
    resource_id: str
    quiz_id: str
    question: str | None
    response: str


@dataclass(slots=True)
class Attempt:
    """Answers handed in together. `ids`: of the statements they came with."""

    teacher_id: str
    resource_id: str
    quiz_id: str
    ids: list[str] = field(default_factory=list)
    answers: dict[str, Choice] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.quiz_id} " + " ".join(sorted(self.ids))

    def take(self, id_: str, answers: dict[str, Choice]) -> None:
        self.ids.append(id_)
        self.answers |= answers

    def message(self, seq: int) -> QuizAnswers:
        """As a player would post it. Raises pydantic's ValidationError."""
        return QuizAnswers.model_validate({
            "type": "quiz", "seq": seq, "quiz_id": self.quiz_id, "answers": self.answers})


def attempts(answered: list[Answered]) -> list[Attempt]:
    """The attempts of one post: answers to one quiz belong together until a question repeats."""
    made: list[Attempt] = []
    latest: dict[tuple[str, str, str], Attempt] = {}
    for one in answered:
        place = one.teacher_id, one.resource_id, one.quiz_id
        answers = _answers(one)
        if place not in latest or latest[place].answers.keys() & answers.keys():
            latest[place] = Attempt(*place)
            made.append(latest[place])
        latest[place].take(one.id, answers)
    return made


def quiz_of(catalogue: Catalogue, resource_id: str, quiz_id: str) -> Quiz | None:
    """The quiz, or None if the resource has none of that id."""
    resource = catalogue.resources.get(resource_id)
    return next((q for q in resource.quizzes if q.id == quiz_id), None) if resource else None


def unanswered(quiz: Quiz, attempt: Attempt) -> str | None:
    """What is missing of the quiz, in words; None where all of it was answered."""
    missing = len(quiz.key.keys() - attempt.answers.keys())
    if not missing:
        return None
    return f"answers {len(quiz.key) - missing} of {len(quiz.key)} questions: send all in one post"


def _answers(one: Answered) -> dict[str, Choice]:
    """By question. A response to all of the quiz is written as to `matching`: 1[.]A[,]2[.]B."""
    if one.question is not None:
        return {one.question: _choice(one.response.split("[,]"))}
    choices: dict[str, list[str]] = {}
    for pair in one.response.split("[,]"):
        question, found, choice = pair.partition("[.]")
        if found:
            choices.setdefault(question, []).append(choice)
    return {question: _choice(given) for question, given in choices.items()}


def _choice(given: list[str]) -> Choice:
    return given[0] if len(given) == 1 else given
