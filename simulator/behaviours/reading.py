"""Texts: extension, worth nothing, whatever is done with them (rule 4)."""

from collections.abc import Iterator

from simulator.actions import Action
from simulator.behaviours.behaviour import Behaviour
from simulator.catalogue import Resource
from simulator.human import Human, Play


def is_text(resource: Resource) -> bool:
    return resource.is_text


def reading(human: Human, text: Resource) -> Iterator[Action]:
    """Opens the text and reads it, all of it or the first half."""
    play = Play(human, text)
    yield from play.open()
    end = text.duration_ms // human.rng.choice((1, 2))
    yield from play.watch(0, end, 100)
    yield from play.post()


READING = Behaviour("reading", reading, earns=False, fits=is_text)
