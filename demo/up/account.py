"""The account that looks at the demo's figures: of its province, with names and the SQL box."""

import secrets

from demo.up.people import PROVINCE
from pipeline.settings import Settings
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.accounts import editing, made

NAME = "demo"


def made_account(settings: Settings) -> str | None:
    """The password of the account, which is made now; None if it was made at an earlier start.

    Raises:
        WarehouseError: the accounts' file is not private, or broken.
    """
    with editing(settings.accounts_path) as accounts:
        if NAME in accounts:
            return None
        password = secrets.token_urlsafe(12)
        accounts[NAME] = made(Account(NAME, PROVINCE, True, True), password)
    return password
