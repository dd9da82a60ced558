"""Copy (b): the agents' state, rebuilt from their changelogs by a reader of its own."""

from collections.abc import Mapping
from typing import Any

from chaos.changelog import account, history, newest, watcher
from chaos.copies.crediting import credit, done_figures
from chaos.copies.figures import CREDIT, Copy, Difference
from pipeline.schemas.topics import CREDITING_CHANGELOG, WATCHING_CHANGELOG
from pipeline.settings import Settings
from simulator.catalogue import Catalogue

NAME = "crediting changelog"
DONE = frozenset({"done", "counted"})


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
    """What is done by the watching agent's state. Raises as `read_crediting`."""
    topic = settings.topic(WATCHING_CHANGELOG.name)
    return of_watchers(newest(history(bootstrap, topic)), catalogue)


def of_watchers(states: Mapping[str, Any], catalogue: Catalogue) -> Copy:
    """The watching agent's states by teacher, as a copy."""
    done = {(teacher, programme, resource) for teacher, state in states.items()
            for (resource, programme), watched in watcher(state).watched.items()
            if watched.done_at is not None}
    return Copy("watching changelog", DONE, done_figures(catalogue, done))
