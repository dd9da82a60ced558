"""Rule 10: answers are marked here, against the programme's key; a claimed score is nothing."""

from collections.abc import Mapping

from pipeline.rules.programme import Programme, Quiz

Answer = str | list[str]


def share_right(quiz: Quiz, answers: Mapping[str, Answer]) -> float:
    """The share, 0 to 1, of the quiz's questions that were answered right.

    Several right choices may come in any order; all of them and no other must be given.
    """
    right = 0
    for name, key in quiz.key.items():
        given = answers.get(name, [])
        if given == key or _choices(given) == _choices(key):
            right += 1
    return right / len(quiz.key)


def counts_as_passed(programme: Programme, quiz: Quiz, answers: Mapping[str, Answer]) -> bool:
    """Whether the programme lets the quiz count: passed, or ⚙ merely handed in whole."""
    if programme.quiz_rule == "completed":
        return all(name in answers for name in quiz.key)
    return share_right(quiz, answers) >= programme.pass_mark


def _choices(answer: str | list[str] | tuple[str, ...]) -> frozenset[str]:
    return frozenset([answer] if isinstance(answer, str) else answer)
