"""What is left to do, as one imperative clause: `先看03:10–03:25，再通过片尾的测验`."""

from audit.explain.todo import QuizStanding, Todo
from audit.explain.words import MOST_STRETCHES, joined_up, position, stretches
from pipeline.rules.programme import Quiz

SECOND = 1000


def quiz_place(quiz: QuizStanding | Quiz, duration_ms: int) -> str:
    """Where the quiz stands: `开头`, `12:00处`, `片尾`."""
    if quiz.at_ms >= duration_ms:
        return "片尾"
    return f"{position(quiz.at_ms)}处" if quiz.at_ms else "开头"


def quiz_places(quizzes: tuple[QuizStanding, ...], duration_ms: int) -> str:
    """All places, each once."""
    return "、".join(dict.fromkeys(quiz_place(quiz, duration_ms) for quiz in quizzes))


def steps(todo: Todo, duration_ms: int, *, again: bool) -> str:
    """The clause; `again`: what is to be watched has been watched before."""
    verb = "重新看" if again else "看"
    watch = _few(joined_up(todo.watch))
    if not todo.quizzes:
        return _watching(watch, duration_ms, verb)
    if watch and watch[-1] == todo.quizzes[0].at_ms:
        return _straight_on(watch, todo, duration_ms, verb)
    passing = _passing(todo, duration_ms)
    return f"先{_watching(watch, duration_ms, verb)}，再{passing}" if watch else passing


def _few(watch: list[int]) -> list[int]:
    """Nobody hunts for many small stretches: then all from the first to the last."""
    return [watch[0], watch[-1]] if len(watch) > 2 * MOST_STRETCHES else watch


def _watching(watch: list[int], duration_ms: int, verb: str) -> str:
    if len(watch) == 2 and watch[1] > duration_ms - SECOND:
        return _to_the_end(watch[0], verb)
    return f"{verb}{stretches(watch)}"


def _to_the_end(start: int, verb: str) -> str:
    return f"从{position(start)}{verb}到片尾" if start else f"从头{verb}到尾"


def _straight_on(watch: list[int], todo: Todo, duration_ms: int, verb: str) -> str:
    """The last stretch leads up to the first quiz: watching on comes past all that is left."""
    *earlier, start, _ = watch
    first = f"先{verb}{stretches(earlier)}，再" if earlier else ""
    joint = "途中" if todo.then_from is not None else "并"
    places = quiz_places(todo.quizzes, duration_ms)
    return f"{first}{_to_the_end(start, '看')}，{joint}通过{places}的测验"


def _passing(todo: Todo, duration_ms: int) -> str:
    if todo.then_from is None:
        return f"通过{quiz_places(todo.quizzes, duration_ms)}的测验"
    first, *others = todo.quizzes
    on_the_way = quiz_places(tuple(others), duration_ms)
    return (f"通过{quiz_place(first, duration_ms)}的测验，通过之后"
            f"{_to_the_end(todo.then_from, '看')}"
            + (f"，途中通过{on_the_way}的测验" if on_the_way else ""))
