"""How teachers go about videos: honest, unlucky, careless, cheating. One module a family."""

from simulator.behaviours.behaviour import LONGEST_STEP, MARGIN, Behaviour, any_video
from simulator.behaviours.cheats import CHEATS
from simulator.behaviours.devices import DEVICES
from simulator.behaviours.quizzes import QUIZZES
from simulator.behaviours.reading import READING
from simulator.behaviours.viewing import FIRST_HALF, HONEST, SECOND_HALF, VIEWING

ORDINARY = (*VIEWING, *QUIZZES, *DEVICES)
EARNING = tuple(behaviour for behaviour in ORDINARY if behaviour.earns)
FUTILE = tuple(behaviour for behaviour in ORDINARY if not behaviour.earns)

__all__ = [
    "CHEATS", "EARNING", "FIRST_HALF", "FUTILE", "HONEST", "LONGEST_STEP", "MARGIN",
    "ORDINARY", "READING", "SECOND_HALF", "Behaviour", "any_video",
]
