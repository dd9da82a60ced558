"""A look from another thread at what runs in an event loop."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as LateError
from typing import Any

PATIENCE_S = 3.0


class Looped:
    """An event loop that may not have begun, and may hang."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def begun(self) -> None:
        """To be called in the loop."""
        self._loop = asyncio.get_running_loop()

    def dead(self) -> list[str]:
        """Whether the loop turns; one that has not begun is not dead."""
        return self.ask(_nothing) if self._loop is not None else []

    def ask(self, what: Callable[[], Coroutine[Any, Any, list[str]]]) -> list[str]:
        """The shortcomings that `what` finds in the loop."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return ["it has not begun, or is over"]
        asked = asyncio.run_coroutine_threadsafe(what(), loop)
        try:
            return asked.result(PATIENCE_S)
        except LateError:
            asked.cancel()
            return [f"the event loop does not answer within {PATIENCE_S:g} s"]


async def _nothing() -> list[str]:
    return []
