"""The local password file: one account a line of JSON, its owner's only (chmod 600)."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.rules import regions
from pipeline.rules.regions import RegionError
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.passwords import hashed, objection
from warehouse.dashboard.access.private import new_private, private_folder, require_private
from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL
from warehouse.snapshot import replaced
from warehouse.store import locked

NAME = r"^[a-z0-9][a-z0-9._-]{1,63}$"


class Local(BaseModel):
    """An account with a password. `password`: its argon2id hash."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(pattern=NAME)]
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    sees_names: bool
    may_query: bool
    disabled: bool = False
    password: Annotated[str, Field(pattern=r"^\$argon2id\$")]

    @property
    def account(self) -> Account:
        return Account(self.name, self.region, self.sees_names, self.may_query)

    @property
    def stamp(self) -> str:
        """Changes with the password: sessions made with another one end (sessions.py)."""
        return hashlib.sha256(self.password.encode()).hexdigest()


def read(path: Path) -> dict[str, Local]:
    """Every account by its name; none if there is no file.

    Raises:
        WarehouseError: the file is not private, or a line of it is broken.
    """
    try:
        with path.open("rb") as file:
            require_private(file, path)
            lines = file.read().splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise WarehouseError(f"cannot read {path}: {error.strerror}") from error
    found = [_line(path, number, line) for number, line in enumerate(lines, 1)]
    if len({account.name for account in found}) < len(found):
        raise WarehouseError(f"{path}: an account is there twice: take one of its lines out")
    return {account.name: account for account in found}


def _line(path: Path, number: int, line: bytes) -> Local:
    try:
        account = Local.model_validate_json(line)
        require_region(account.region)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "line"
        raise WarehouseError(f"{path}:{number}: {where}: {fault['msg']}") from None
    except WarehouseError as error:
        raise WarehouseError(f"{path}:{number}: {error}") from None
    return account


class Accounts:
    """The accounts of the file, read again when it has changed. Safe for several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[object, dict[str, Local]] = (None, {})

    def find(self, name: str) -> Local | None:
        """The account of that name, unless it is disabled.

        Raises:
            WarehouseError: as `read`.
        """
        now = _look(self.path)
        if now is None or now != self._read[0]:
            self._read = (now, read(self.path))
        found = self._read[1].get(name)
        return None if found is None or found.disabled else found


def _look(path: Path) -> object:
    """What the file looks like from outside, its owner and mode included; None: it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@contextmanager
def editing(path: Path) -> Iterator[dict[str, Local]]:
    """All accounts, to be changed in place; written at once when the block succeeds.

    Raises:
        WarehouseError: as `read`; or another command is changing them.
    """
    private_folder(path.parent)
    with locked(path.with_name("accounts.lock"), "command that changes accounts"):
        accounts = read(path)
        yield accounts
        with replaced(path, new_private) as file:
            file.writelines(a.model_dump_json().encode() + b"\n" for a in accounts.values())


def made(account: Account, password: str) -> Local:
    """The account with that password.

    Raises:
        WarehouseError: the password is too weak, or the name or the region is none.
    """
    if (why := objection(password, account.name)) is not None:
        raise WarehouseError(why)
    require_region(account.region)
    try:
        return Local(name=account.name, region=account.region, sees_names=account.sees_names,
                     may_query=account.may_query, password=hashed(password))
    except ValidationError:
        raise WarehouseError(
            f"{account.name!r} is no account name: 2 to 64 of a–z, 0–9, dot, dash, underscore"
        ) from None


def replace_password(local: Local, password: str) -> Local:
    """The account with another password.

    Raises:
        WarehouseError: it is too weak.
    """
    fresh = made(local.account, password)
    return fresh.model_copy(update={"disabled": local.disabled})


def require_region(code: str) -> None:
    """Raises:
    WarehouseError: it is neither 000000 nor a code of GB/T 2260.
    """
    try:
        if code != NATIONAL:
            regions.level(code)
    except RegionError as error:
        raise WarehouseError(f"{error}; 000000 for the country") from None


def one(accounts: dict[str, Local], name: str) -> Local:
    """The account of that name.

    Raises:
        WarehouseError: there is none.
    """
    if name not in accounts:
        raise WarehouseError(f"there is no account {name}: `xueshi accounts list` shows all")
    return accounts[name]
