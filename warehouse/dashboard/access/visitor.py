"""Who makes the request at hand. A context variable of the request, so that every template can
show the account and every form can carry its token, whatever page made it.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.forms import masked


@dataclass(frozen=True, slots=True)
class Visitor:
    """`secret`: of the session, for its forms; `local`: has a password here that can be changed;
    `token`: the session's.
    """

    account: Account
    secret: str
    local: bool
    token: str

    @property
    def csrf(self) -> str:
        """What a form must send; another text each time it is asked for."""
        return masked(self.secret)


CURRENT: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


def visitor() -> Visitor | None:
    """Who makes this request; None: nobody is signed in."""
    return CURRENT.get()


def note(request: Request, **fields: Any) -> None:
    """Add to the line that the access log gets of this request: rows, sql, ….

    What is noted before the answer begins is in its first line; what a streamed answer notes
    later is in the line of its end.
    """
    noted: dict[str, Any] = request.state.noted
    noted.update(fields)
