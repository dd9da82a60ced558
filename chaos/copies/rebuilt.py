"""Copy (b): the agents' state, rebuilt from their changelogs by a reader of its own."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chaos.changelog import Entry, account, history, newest, unwritten, watcher
from chaos.copies.crediting import credit, done_figures
from chaos.copies.figures import CREDIT, Copy, Difference
from chaos.unreadable import UnreadableError
from pipeline.schemas.topics import CREDITING_CHANGELOG, WATCHING_CHANGELOG
from pipeline.settings import Settings
from simulator.catalogue import Catalogue

NAME = "crediting changelog"
DONE = frozenset({"done", "counted"})
SLACK_S = 60.0   # beyond the turn that each changed bucket has
LOOK_S = 1.0


def read_crediting(settings: Settings, bootstrap: str, catalogue: Catalogue) -> Copy:
    """The crediting agent's state, its credit summed up anew.

    Raises:
        BrokerError, UnreadableError: the changelog cannot be read.
    """
    topic = settings.topic(CREDITING_CHANGELOG.name)
    return of_accounts(newest(history(bootstrap, topic)), catalogue)


def of_accounts(states: Mapping[str, Any], catalogue: Catalogue) -> Copy:
    """The crediting agent's states by teacher, as a copy. No load sends what people decide."""
    accounts = {teacher: account(state) for teacher, state in states.items()}
    enrolled = {(teacher, programme) for teacher, one in accounts.items()
                for programme in one.enrolled}
    done = {(teacher, programme, resource) for teacher, one in accounts.items()
            for programme, resources in one.done.items() for resource in resources}
    figures = {**credit(catalogue, enrolled, done), **done_figures(catalogue, done)}
    unheard = [Difference(NAME, teacher, programme, "", "adjustments", [], ids)
               for teacher, one in accounts.items() for programme, ids in one.decided.items()]
    return Copy(NAME, CREDIT | DONE, figures, unheard)


def read_watching(settings: Settings, bootstrap: str, catalogue: Catalogue) -> Copy:
    """What is done by the watching agent's state, as soon as all that is decided is written: a
    worker that lives writes its buckets in turn. Raises as `read_crediting`.
    """
    topic = settings.topic(WATCHING_CHANGELOG.name)
    written = when_written(lambda: history(bootstrap, topic), settings.turn_seconds + SLACK_S)
    return of_watchers(newest(written), catalogue)


def when_written(look: Callable[[], Iterable[Entry]], patience_s: float) -> list[Entry]:
    """The first of the changelogs that `look` finds in which no bucket lacks what is decided.

    Raises:
        UnreadableError: there is none in `patience_s`; the message says where, and how far.
    """
    until = time.monotonic() + patience_s
    while lacking := unwritten(found := list(look())):
        if time.monotonic() > until:
            raise UnreadableError(f"buckets lack what is decided, after {patience_s:g} s: "
                                  + "; ".join(map(str, lacking)))
        time.sleep(LOOK_S)
    return found


def of_watchers(states: Mapping[str, Any], catalogue: Catalogue) -> Copy:
    """The watching agent's states by teacher, as a copy."""
    done = {(teacher, programme, resource) for teacher, state in states.items()
            for (resource, programme), watched in watcher(state).watched.items()
            if watched.done_at is not None}
    return Copy("watching changelog", DONE, done_figures(catalogue, done))
