"""Reading one TOML table strictly: every fault is noted with its key path, and reading goes on.

A getter that finds no usable value notes why and returns a stand-in of the right type, so
that one reading finds all faults of a file. Whoever reads looks at `problems` at the end.
"""

import difflib
import re
import reprlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_EPOCH_MS = 253_402_214_400_000  # as on the wire: 9999-12-31
ID = re.compile(r"[A-Za-z0-9._:@-]{1,64}")
AN_ID = "1 to 64 letters, digits or ._:@- (ASCII)"
AN_INSTANT = "an instant with its offset, as 2023-07-14T00:00:00+08:00"


@dataclass(frozen=True, slots=True)
class Wanted(Generic[T]):
    """What a key's value must be; `text` says it, after "must be"."""

    kind: type[T]
    fits: Callable[[T], bool]
    text: str


class Table:
    """One table of a TOML file. `path` is where it stands, as in `courses[2]`; "" at the top."""

    def __init__(
        self, data: dict[str, object], path: str, note: Callable[[str, str], None]
    ) -> None:
        self._data = data
        self._path = path
        self._note = note
        self._known: set[str] = set()

    def at(self, key: str) -> str:
        """The key's path in the file."""
        return f"{self._path}.{key}" if self._path else key

    def fault(self, key: str, reason: str) -> None:
        """Note that something is wrong with the key."""
        self._note(self.at(key), reason)

    def fault_here(self, reason: str) -> None:
        """Note that something is wrong with the table itself."""
        self._note(self._path, reason)

    def has(self, key: str) -> bool:
        return key in self._data

    def names(self) -> list[str]:
        """All of its keys, for a table whose keys are free; they count as known."""
        self._known.update(self._data)
        return list(self._data)

    def whole(
        self, key: str, low: int, high: int, *,
        default: int | None = None, stand_in: int | None = None,
    ) -> int:
        """A whole number from `low` to `high`; true and false are none."""
        wanted = Wanted(
            int, lambda n: low <= n <= high, f"a whole number from {low} to {high}")
        return self._take(key, wanted, default, low if stand_in is None else stand_in)

    def number(
        self, key: str, fits: Callable[[float], bool], wanted: str, default: float
    ) -> float:
        """A number, whole or not, that fits; `fits` must be false for nan and infinity."""
        value = self._value(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and fits(value):
            return float(value)
        return self._refuse(key, value, wanted, default)

    def flag(self, key: str, *, default: bool) -> bool:
        return self._take(key, Wanted(bool, lambda _: True, "true or false"), default, default)

    def text(self, key: str, longest: int = 200) -> str:
        """A text of up to `longest` characters that is not blank."""
        wanted = Wanted(str, lambda s: bool(s.strip()) and len(s) <= longest,
                        f"a text of 1 to {longest} characters")
        return self._take(key, wanted, None, "")

    def one_of(self, key: str, options: tuple[T, ...], default: T | None, stand_in: T) -> T:
        """One of the options, which are texts."""
        value = self._value(key, default)
        if value in options:
            return options[options.index(value)]
        wanted = " or ".join(map(repr, options))
        return self._refuse(key, value, wanted, stand_in)

    def identifier(self, key: str) -> str:
        """An id as the wire has them; "" where it is none."""
        return self._take(key, Wanted(str, lambda s: bool(ID.fullmatch(s)), AN_ID), None, "")

    def new_id(self, seen: dict[str, str]) -> str:
        """The key `id`, which must not be in `seen`, id → path, and is put there."""
        found = self.identifier("id")
        if found in seen:
            self.fault("id", f"{found!r} is already the id of {seen[found]}")
        elif found:
            seen[found] = self._path
        return found

    def instant(self, key: str, stand_in: int) -> int:
        """A moment in epoch milliseconds, written with its offset."""
        wanted = Wanted(
            datetime, lambda d: d.tzinfo is not None and 0 <= epoch_ms(d) <= MAX_EPOCH_MS,
            AN_INSTANT)
        return epoch_ms(self._take(key, wanted, None, EPOCH + timedelta(milliseconds=stand_in)))

    def texts(
        self, key: str, longest: int = 200, *, default: list[str] | None = None
    ) -> tuple[str, ...]:
        """An array of texts, all different; one that must be there must also hold one."""
        def fits(found: list[str]) -> bool:
            good = all(type(one) is str and one.strip() and len(one) <= longest for one in found)
            return good and len(set(found)) == len(found) and bool(found or default is not None)

        wanted: Wanted[list[str]] = Wanted(list, fits, "an array of different texts")
        found = self._take(key, wanted, default, [])
        return tuple(found)

    def text_or_texts(self, key: str, longest: int = 200) -> str | tuple[str, ...]:
        is_array = isinstance(self._data.get(key), list)
        return self.texts(key, longest) if is_array else self.text(key, longest)

    def tables(self, key: str, *, optional: bool = False) -> list["Table"]:
        """An array of tables; one that must be there must also hold one."""
        wanted: Wanted[list[object]] = Wanted(
            list, lambda a: bool(a) or optional,
            "an array of tables" if optional else "an array of one table or more")
        items = self._take(key, wanted, [] if optional else None, [])
        return [self._inner(f"{key}[{i}]", item) for i, item in enumerate(items)]

    def table(self, key: str) -> "Table":
        """A table; where it is missing, an empty one, which then misses keys or has defaults."""
        return self._inner(key, self._value(key, {}))

    def forbid(self, keys: Iterable[str], reason: str) -> None:
        """Note each of the keys that is there nevertheless."""
        for key in keys:
            if self._value(key, None) is not None:
                self.fault(key, reason)

    def reject_unknown(self) -> None:
        """Note every key that nobody has asked for; call it when all are read."""
        for key in [key for key in self._data if key not in self._known]:
            self.fault(key, f"unknown key; {suggest(key, self._known)}")

    def _inner(self, key: str, value: object) -> "Table":
        if isinstance(value, dict):
            return Table(value, self.at(key), self._note)
        self._refuse(key, value, "a table", None)
        return Table({}, self.at(key), lambda _path, _reason: None)  # the one fault is enough

    def _value(self, key: str, default: object) -> object:
        self._known.add(key)
        return self._data.get(key, default)

    def _take(self, key: str, wanted: Wanted[T], default: T | None, stand_in: T) -> T:
        value = self._value(key, default)
        # `type` and not isinstance alone: true is an int to Python, not to the reader.
        if type(value) is wanted.kind and isinstance(value, wanted.kind) and wanted.fits(value):
            return value
        return self._refuse(key, value, wanted.text, stand_in)

    def _refuse(self, key: str, value: object, wanted: str, stand_in: T) -> T:
        missing = value is None
        self.fault(key, f"missing; must be {wanted}" if missing else
                   f"must be {wanted}, not {_shown(value)}")
        return stand_in


def suggest(wrong: str, known: Iterable[str]) -> str:
    """What may have been meant: the nearest of the known names, or else all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong, names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if names else "none is known"


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00Z of a moment with an offset."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _shown(value: object) -> str:
    return str(value) if isinstance(value, date | time) else reprlib.repr(value)
