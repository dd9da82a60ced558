"""One violation of an invariant."""

from typing import NamedTuple


class Broken(NamedTuple):
    """`invariant` names it in a few words; `where` and `what` say what was found."""

    invariant: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.where}: {self.what}"
