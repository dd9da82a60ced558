"""The number of a certificate: nobody without the key can make one up, or read anything in it.

It is a MAC of programme, teacher and day, so it is the same whenever it is printed and needs no
register; and a check character, so that a typing error is told from a forgery.
"""

import hmac
import unicodedata
from datetime import date

ALPHABET = "23456789ACEFHKMNPRTVWXY"
"""No look-alikes (0 O D Q, 1 I L J, 2 Z, 5 S, 6 G, 8 B, U V). 23 is a prime: so the check below
misses no wrong character and no two characters that changed places."""

BASE = len(ALPHABET)
LENGTH = 16  # the last one checks; the others are 67.8 bits of the MAC
GROUP = 4
CODES: int = BASE ** (LENGTH - 1)


class MistypedError(ValueError):
    """This cannot be a number as it was printed; the message says why, in Chinese."""


def code(secret: bytes, programme_id: str, teacher_id: str, day: date) -> int:
    """What the number of this certificate stands for, 0 ≤ code < CODES."""
    said = f"xueshi certificate 1\n{programme_id}\n{teacher_id}\n{day.isoformat()}"
    return int.from_bytes(hmac.digest(secret, said.encode(), "sha256")) % CODES


def written(code_: int) -> str:
    """The number as it is printed: 4 groups of 4 characters."""
    values = [code_ // BASE**place % BASE for place in reversed(range(LENGTH - 1))]
    plain = "".join(ALPHABET[value] for value in [*values, _check(values)])
    return "-".join(plain[at:at + GROUP] for at in range(0, LENGTH, GROUP))


def read(number: str) -> int:
    """The code of a number as somebody typed it: in any case, width and grouping.

    Raises:
        MistypedError: a character is missing, too many, impossible or wrong.
    """
    values = [_value(character) for character in _plain(number)]
    if len(values) != LENGTH:
        raise MistypedError(f"应为 {LENGTH} 个字符，输入了 {len(values)} 个")
    if values[-1] != _check(values[:-1]):
        raise MistypedError("校验字符不符")
    code_ = 0
    for value in values[:-1]:
        code_ = code_ * BASE + value
    return code_


def _plain(number: str) -> str:
    """Without grouping: spaces and hyphens of any kind."""
    narrow = unicodedata.normalize("NFKC", number).upper()
    return "".join(c for c in narrow if unicodedata.category(c) not in ("Pd", "Zs"))


def _value(character: str) -> int:
    found = ALPHABET.find(character)
    if found < 0:
        raise MistypedError(f"编号中没有字符 {character!r}")
    return found


def _check(values: list[int]) -> int:
    """Makes Σ place × value ≡ 0 (mod 23), places counted from 1: as each place is another number
    below 23, a wrong character or a swap of any two different ones moves the sum.
    """
    total = sum(place * value for place, value in enumerate(values, 1))
    # The check's own place is LENGTH: total + LENGTH × check ≡ 0.
    return -total * pow(LENGTH, -1, BASE) % BASE
