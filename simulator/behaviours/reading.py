"""Texts: extension, worth nothing, whatever is done with them (rule 4)."""

from collections.abc import Iterator

from simulator.actions import Action
from simulator.behaviours.behaviour import Behaviour
from simulator.catalogue import Resource
from simulator.human import MINUTE, Human, Play


def is_text(resource: Resource) -> bool:
    return resource.duration_ms == 0


def reading(human: Human, text: Resource) -> Iterator[Action]:
    """Opens the text and takes some minutes over it. There is nothing to play in it, so
    nothing is posted.
    """
    yield from Play(human, text).open()
    human.wait(MINUTE, 5 * MINUTE)


READING = Behaviour("reading", reading, earns=False, fits=is_text)
