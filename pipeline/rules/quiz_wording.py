"""A quiz as it is read: its questions' texts and choices, checked against the key.

The wording goes to the players, the key never does (rule 10); so nothing of the one is made from
the other, and a file that could not be answered right is refused when it is read.
"""

from collections.abc import Mapping

from pipeline.rules.programme import Question
from pipeline.rules.toml_table import Table, suggest

MAX_TEXT = 1000      # characters of a question,
MAX_CHOICE = 500     # of a choice,
MAX_CHOICES = 26     # and how many there may be: A to Z
MAX_HANDED_IN = 200  # as on the wire: what is handed in for a choice

Right = str | tuple[str, ...]


def read_wording(quiz: Table, key: Mapping[str, Right]) -> dict[str, Question]:
    """The quiz's table `wording`, faults noted, in the order of the key: all of its questions."""
    table = quiz.table("wording")
    for name in table.names():
        if name not in key:
            table.fault(name, f"no question of the key; {suggest(name, key)}")
    for name in key:
        if not table.has(name):
            table.fault(name, "missing: all questions of the key have a wording, or none has")
    return {name: _question(table.table(name), right)
            for name, right in key.items() if table.has(name)}


def _question(table: Table, right: Right) -> Question:
    question = Question(
        table.text("text", MAX_TEXT),
        _choices(table.table("choices")),
        table.flag("several", default=False),
    )
    table.reject_unknown()
    if question.choices:  # without any, there is a fault already
        _require_answerable(table, question, (right,) if isinstance(right, str) else right)
    return question


def _choices(table: Table) -> dict[str, str]:
    names = table.names()
    if not 2 <= len(names) <= MAX_CHOICES:
        table.fault_here(f"must have 2 to {MAX_CHOICES} choices, not {len(names)}")
    if any(not 1 <= len(name) <= MAX_HANDED_IN for name in names):
        table.fault_here(f"must have names of 1 to {MAX_HANDED_IN} characters for its choices")
    return {name: table.text(name, MAX_CHOICE) for name in names}


def _require_answerable(table: Table, question: Question, right: tuple[str, ...]) -> None:
    for choice in right:
        if choice and choice not in question.choices:
            table.fault("choices", f"has no {choice!r}, which the key says is right")
    if len(right) > 1 and not question.several:
        table.fault("several", f"must be true, as the key has {len(right)} right choices")
