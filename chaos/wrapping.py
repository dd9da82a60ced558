"""Being told, from outside, when a function of another module is reached.

The program that is wrapped knows nothing of it: no hook stands in its code.
"""

import functools
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

Reached = Callable[[], None]
"""Called at the point, each time it is reached."""

Install = Callable[[Reached], None]
"""Makes a process, before it starts, call `reached` at a point."""

When = Callable[..., bool]
"""Whether a call, with its arguments, counts."""


def always(*_: Any, **__: Any) -> bool:
    return True


def before(place: str, when: When = always) -> Install:
    """Reached when `place` ("package.module:Class.name", as its caller knows it) is called."""

    def install(reached: Reached) -> None:
        replace(place, lambda call: _around(call, when, reached, nothing))

    return install


def after(place: str, when: When = always) -> Install:
    """Reached when `place` has done its work, and before its caller goes on."""

    def install(reached: Reached) -> None:
        replace(place, lambda call: _around(call, when, nothing, reached))

    return install


def nothing() -> None:
    """The other end of a call."""


def replace(place: str, make: Callable[[Any], Any]) -> None:
    """Put what `make` makes of the function in its place.

    Raises:
        ImportError, AttributeError: there is no such place (any more).
    """
    module, _, path = place.partition(":")
    owner: Any = import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    setattr(owner, name, make(getattr(owner, name)))


def _around(call: Any, when: When, first: Reached, last: Reached) -> Any:
    @functools.wraps(call)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        counts = when(*args, **kwargs)
        (first if counts else nothing)()
        result = call(*args, **kwargs)
        (last if counts else nothing)()
        return result

    @functools.wraps(call)
    async def wrapped_async(*args: Any, **kwargs: Any) -> Any:
        counts = when(*args, **kwargs)
        (first if counts else nothing)()
        result = await call(*args, **kwargs)
        (last if counts else nothing)()
        return result

    return wrapped_async if inspect.iscoroutinefunction(call) else wrapped
