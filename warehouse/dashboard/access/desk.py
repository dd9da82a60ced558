"""What signing in needs, in one place that the app carries (`app.state.desk`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.accounts import Accounts, Local, editing, replace_password
from warehouse.dashboard.access.audit import AccessLog
from warehouse.dashboard.access.cookies import Site, address
from warehouse.dashboard.access.passwords import SHORTEST, fits, hashed, objection
from warehouse.dashboard.access.sessions import Sessions
from warehouse.dashboard.access.throttle import Throttle
from warehouse.dashboard.access.visitor import Visitor
from warehouse.dashboard.views import Views

if TYPE_CHECKING:
    from warehouse.dashboard.access.oidc import Provider

AT_ONCE = 2          # passwords that are checked: each takes 64 MiB and a core
PATIENCE_S = 5.0
BUSY = "正在登录的人较多，请稍后再试。"
WRONG_OLD = "原密码不正确。"
WEAK = f"新密码至少 {SHORTEST} 个字符，且不能是常见的或容易猜到的。"


class TooOftenError(Exception):
    """Too many attempts; the next may come after `wait_ms`."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(str(wait_ms))
        self.wait_ms = wait_ms


class TooBusyError(Exception):
    """Too many passwords are being checked."""


class Passwords:
    """Checks a few at a time; an account that is not there costs as much as one that is."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(AT_ONCE)

    @cached_property
    def _nobody(self) -> str:
        return hashed("nobody has this password")

    def fit(self, password: str, local: Local | None) -> bool:
        """Raises TooBusyError if no turn comes soon."""
        with self._turn():
            nobody = self._nobody
            return fits(password, local.password if local else nobody) and local is not None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._free.acquire(timeout=PATIENCE_S):
            raise TooBusyError
        try:
            yield
        finally:
            self._free.release()


@dataclass(frozen=True)
class Desk:
    """`provider`: to sign in with OpenID Connect; None: passwords only."""

    site: Site
    views: Views
    accounts: Accounts
    sessions: Sessions
    throttle: Throttle
    passwords: Passwords
    log: AccessLog
    provider: "Provider | None"

    def check(self, name: str, password: str, address: str) -> Local | None:
        """The account if the password is its own; failures are in the access log.

        Raises:
            TooOftenError, TooBusyError: try again later.
            OSError: the access log cannot be written.
        """
        if wait_ms := self.throttle.attempt(name, address):
            raise TooOftenError(wait_ms)
        local = self.accounts.find(name)
        if self.passwords.fit(password, local):
            self.throttle.succeeded(name, address)
            return local
        # A name that is none may be a password in the wrong field.
        self.log.write(event="sign_in_failed", who=local.name if local else None, address=address)
        return None

    def admit(
        self, request: Request, account: Account, stamp: str | None, next_: str
    ) -> Response:
        """A new session for the account; the one that the browser had, if any, is over."""
        if old := request.cookies.get(self.site.session):
            self.sessions.end(old)
        self.log.write(event="signed_in", who=account.name, region=account.region,
                       address=address(request), by="oidc" if stamp is None else "password")
        answer = RedirectResponse(next_, 303)
        self.site.put(answer, self.site.session, self.sessions.begin(account, stamp))
        self.site.drop(answer, self.site.entrance)
        return answer

    def change(self, here: Visitor, old: str, new: str, address: str) -> str | None:
        """Give the account a new password; what is wrong, or None.

        Raises:
            TooOftenError, TooBusyError: try again later.
        """
        name = here.account.name
        if not here.local or self.check(name, old, address) is None:
            return WRONG_OLD
        if objection(new, name) is not None:
            return WEAK
        with editing(self.accounts.path) as all_:
            all_[name] = replace_password(all_[name], new)
        self.sessions.end_all(name)
        return None
