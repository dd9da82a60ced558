"""A real dashboard on this machine, and accounts that are signed in to it."""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import click
import httpx
import psutil

from demo.processes import running
from pipeline.broker import ports
from pipeline.settings import Settings
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.accounts import editing, made

PATIENCE_S = 600.0  # the first page of a large province waits until its file is verified


class Visitors(NamedTuple):
    """A client for each account, by the account's name; and the dashboard's process."""

    clients: dict[str, httpx.Client]
    server: psutil.Process


@contextmanager
def signed_in(settings: Settings, accounts: list[Account]) -> Iterator[Visitors]:
    """A dashboard of its own process, that ends with the block."""
    passwords = {account.name: secrets.token_urlsafe(24) for account in accounts}
    with editing(settings.accounts_path) as known:
        known.update({a.name: made(a, passwords[a.name]) for a in accounts})
    port, _ = ports.free()
    environment = {"XUESHI_VAR_DIR": str(settings.var_dir), "XUESHI_DASHBOARD_PORT": str(port)}
    address = f"http://127.0.0.1:{port}"
    with running(["dashboard"], environment, settings.var_dir / "logs") as (server,), \
            ExitStack() as clients:
        server.wait_ready(f"{address}/healthz")
        signed = {name: _client(address, name, password) for name, password in passwords.items()}
        for client in signed.values():
            clients.callback(client.close)
        yield Visitors(signed, psutil.Process(server.popen.pid))


def _client(address: str, name: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=PATIENCE_S)
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)
    answer = client.post("/login", data={
        "csrf": found[1] if found else "", "name": name, "password": password, "next": "/"})
    if answer.status_code != 303:
        raise click.ClickException(f"{name} cannot sign in: {answer.status_code}")
    return client
