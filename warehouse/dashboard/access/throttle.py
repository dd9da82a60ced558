"""Sign-ins slowed down: a guess costs a token, and tokens come back slowly.

Three limits at once: an account from one address, an account from everywhere (so that many
addresses together guess no faster), and an address (so that many accounts together do not).
The memory is fixed: a key falls into one of a few thousand places by a secret hash. Two keys in
one place share its tokens, which can only slow down.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock

PLACES = 4096


@dataclass(frozen=True, slots=True)
class Pace:
    """`burst` guesses at once, then one every `refill_ms`."""

    burst: int
    refill_ms: int


PAIR = Pace(5, 30_000)
# NIST SP 800-63B allows 100 failures in a row; slow enough, and no lock that a stranger can
# throw for good.
ACCOUNT = Pace(50, 120_000)
ADDRESS = Pace(30, 10_000)


class _Buckets:
    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._full_at = [0] * PLACES  # epoch ms at which the place has all its tokens again
        self._key = secrets.token_bytes(16)

    def wait_ms(self, key: str, now: int) -> int:
        """How long until there is a token; 0: now."""
        missing = max(0, self._full_at[self._place(key)] - now)
        return max(0, missing - (self._pace.burst - 1) * self._pace.refill_ms)

    def take(self, key: str, now: int) -> None:
        place = self._place(key)
        self._full_at[place] = max(self._full_at[place], now) + self._pace.refill_ms

    def give_back(self, key: str) -> None:
        self._full_at[self._place(key)] -= self._pace.refill_ms

    def _place(self, key: str) -> int:
        digest = hashlib.blake2b(key.encode(), key=self._key, digest_size=8).digest()
        return int.from_bytes(digest) % PLACES


class Throttle:
    """Safe for several threads. `clock`: epoch milliseconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._pairs, self._accounts, self._addresses = map(_Buckets, (PAIR, ACCOUNT, ADDRESS))

    def attempt(self, account: str, address: str) -> int:
        """0, and a token is taken of each kind; or how many ms to wait, and none is."""
        now = self._clock()
        keyed = self._keyed(account, address)
        with self._lock:
            wait = max(buckets.wait_ms(key, now) for buckets, key in keyed)
            if not wait:
                for buckets, key in keyed:
                    buckets.take(key, now)
        return wait

    def succeeded(self, account: str, address: str) -> None:
        """The last attempt was no guess: its tokens come back."""
        with self._lock:
            for buckets, key in self._keyed(account, address):
                buckets.give_back(key)

    def _keyed(self, account: str, address: str) -> list[tuple[_Buckets, str]]:
        network = _network(address)
        return [(self._pairs, f"{account}\n{network}"), (self._accounts, account),
                (self._addresses, network)]


def _network(address: str) -> str:
    """An IPv6 customer has a /64 at least: the whole of it is one address here."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped) if found.ipv4_mapped else found.exploded[:19]
