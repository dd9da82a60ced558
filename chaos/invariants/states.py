"""The changelogs' histories: what has been watched, done or numbered once never gets less.

What only the wall clock needs (time spent, sessions' numbers) may be forgotten.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chaos.changelog import Account, Entry, Watched, Watcher, account, watcher
from chaos.invariants.broken import Broken

NAME = "coverage never shrinks"
CREDIT = "completed stays completed"


def shrunk_watching(entries: Iterable[Entry]) -> Iterator[Broken]:
    """Of the watching changelog, in log order."""
    for entry, teacher, before, after in _steps(entries):
        old, new = watcher(before), watcher(after)
        yield from (Broken(NAME, f"{_place(entry)}, {teacher}", what)
                    for what in _less_watched(old, new))


def shrunk_crediting(entries: Iterable[Entry]) -> Iterator[Broken]:
    """Of the crediting changelog, in log order."""
    for entry, teacher, before, after in _steps(entries):
        yield from (Broken(CREDIT, f"{_place(entry)}, {teacher}", what)
                    for what in _less_credited(account(before), account(after)))


def vanished(entries: Iterable[Entry]) -> Iterator[Broken]:
    """Teachers whom a later state of their bucket does not know any more; of either changelog."""
    known: dict[tuple[int, int], set[str]] = {}
    for entry in entries:
        if entry.bucket is None:
            continue
        teachers = set(entry.body["teachers"])
        for teacher in sorted(known.get((entry.partition, entry.bucket), set()) - teachers):
            yield Broken("nobody forgotten", _place(entry), f"{teacher} is not in it any more")
        known[entry.partition, entry.bucket] = teachers


def _place(entry: Entry) -> str:
    return f"partition {entry.partition}, offset {entry.offset}, bucket {entry.bucket}"


def _steps(entries: Iterable[Entry]) -> Iterator[tuple[Entry, str, Any, Any]]:
    """Each teacher's state with the one before it."""
    states: dict[str, Any] = {}
    for entry in entries:
        if entry.bucket is None:
            continue
        for teacher, state in entry.body["teachers"].items():
            before = states.get(teacher)
            if before is not None and before != state:
                yield entry, teacher, before, state
            states[teacher] = state


def _less_watched(old: Watcher, new: Watcher) -> Iterator[str]:
    if new.newest_at < old.newest_at:
        yield f"the newest event was received at {old.newest_at}, and now at {new.newest_at}"
    for resource, ms in old.watched_ms.items():
        if new.watched_ms.get(resource, 0) < ms:
            yield f"{resource}: watch time {ms} ms fell to {new.watched_ms.get(resource, 0)}"
    for (resource, programme), before in old.watched.items():
        after = new.watched.get((resource, programme))
        if what := _less(before, after):
            yield f"{resource} in {programme}: {what}"


def _less(before: Watched, after: Watched | None) -> str:
    if after is None:
        return "nothing is known of it any more"
    if before.done_at is not None:
        same = after.done_at == before.done_at
        return "" if same else f"done at {before.done_at}, and now {after.done_at}"
    if after.done_at is not None:
        return ""
    if after.covered_ms < before.covered_ms:
        return f"covered {before.covered_ms} ms fell to {after.covered_ms}"
    fell = [quiz for quiz, ms in before.after_ms.items() if after.after_ms.get(quiz, 0) < ms]
    return f"less is covered after the quizzes {fell}" if fell else ""


def _less_credited(old: Account, new: Account) -> Iterator[str]:
    """Moments may only become earlier, numbers only larger."""
    yield from _later("enrolled in", old.enrolled, new.enrolled)
    yield from _later("started", old.started, new.started)
    for programme, resources in old.done.items():
        yield from _later(f"done in {programme}:", resources, new.done.get(programme, {}))
    for programme, seq in old.seqs.items():
        if new.seqs.get(programme, 0) < seq:
            yield f"ledger number {seq} of {programme} fell to {new.seqs.get(programme, 0)}"


def _later(what: str, old: Mapping[str, int], new: Mapping[str, int]) -> Iterator[str]:
    for key, at in old.items():
        if key not in new or new[key] > at:
            yield f"{what} {key} at {at}, and now at {new.get(key)}"
