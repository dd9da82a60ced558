"""What one process remembers, the last heard, a bounded number. Nothing that counts hangs on it:
another process, or this one after a restart, does without (ADR 19).
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

REMEMBERED = 50_000

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """A mapping that forgets what was not looked at for longest."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, news: Mapping[Key, Value]) -> None:
        for key, value in news.items():
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
