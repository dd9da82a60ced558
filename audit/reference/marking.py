"""Rule 10: what counts as a passed quiz."""

from fractions import Fraction

from audit.reference.log import Answered
from pipeline.rules.programme import Programme, Quiz


def passes(programme: Programme, quiz: Quiz, handed: Answered) -> bool:
    """Marked against the key, or ⚙ just handed in whole. A pass mark of 0.55 is 55/100."""
    if programme.quiz_rule == "completed":
        return set(quiz.key) <= set(handed.answers)
    right = [question for question in quiz.key
             if _choices(handed.answers.get(question, [])) == _choices(quiz.key[question])]
    return len(right) >= Fraction(str(programme.pass_mark)) * len(quiz.key)


def _choices(answer: str | list[str] | tuple[str, ...]) -> set[str]:
    return {answer} if isinstance(answer, str) else set(answer)
