"""Passwords: argon2id, and which are too weak (NIST SP 800-63B: length and a list, no recipe).

Argon2's cost is the library's default (RFC 9106, 64 MiB); it is the caller's business not to
check many at once.
"""

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
DIFFERENT = 5   # characters that differ, at least
LEFT_OVER = 8   # characters that remain when what everybody guesses is taken out

# What guessing starts with. Longest first, for each is taken out whole.
GUESSED = sorted((
    "password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "qwertyuiop", "qwerty", "asdfghjkl",
    "asdfgh", "zxcvbnm", "1qaz2wsx", "1q2w3e4r", "qazwsx", "letmein", "welcome", "iloveyou",
    "admin", "administrator", "root", "guest", "test", "user", "login", "changeme", "default",
    "secret", "woaini", "woaiwojia", "5201314", "1314520", "mima", "密码", "口令", "管理员",
    "xueshi", "学时", "jiaoyu", "jiaoyuju", "教育局", "教育", "jiaoshi", "教师", "yanxiu", "研修",
    "beijing", "shanghai", "china", "zhongguo", "中国", "education", "teacher", "summer", "dragon",
    "monkey", "abc123", "a123456", "aa123456", "123456",
), key=len, reverse=True)
ROWS = ("0123456789" * 2, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")

YEAR = re.compile(r"(19|20)\d\d")
AGAIN = re.compile(r"(.{1,4}?)\1{2,}")

HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """The text to store; it takes 64 MiB and some tens of milliseconds."""
    return HASHER.hash(_normal(password))


def fits(password: str, stored: str) -> bool:
    """Whether it is the password; the cost is the same whether or not."""
    try:
        return HASHER.verify(stored, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def objection(password: str, account: str) -> str | None:
    """Why the password cannot be taken, in words for its owner; None if it can."""
    text = _normal(password)
    if len(text) < SHORTEST:
        return f"a password has at least {SHORTEST} characters"
    if len(text) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    if _is_guessed(text.casefold(), account.casefold()):
        return "that password is among the first to be guessed: take a few words that belong " \
               "together only for you"
    return None


def _is_guessed(text: str, account: str) -> bool:
    """Few different characters, a piece again and again, a row of keys, or common words."""
    if len(set(text)) < DIFFERENT or text in (text + text)[1:-1]:
        return True
    for word in (account, *GUESSED):
        text = text.replace(word, "")
    text = YEAR.sub("", AGAIN.sub(r"\1", text))
    return len(_without_rows(text)) < LEFT_OVER


def _without_rows(text: str) -> str:
    """Without stretches of four and more that a row of keys or digits has, in either direction."""
    rows = [*ROWS, *(row[::-1] for row in ROWS)]
    kept, at = "", 0
    while at < len(text):
        length = max(_shared(text, at, row) for row in rows)
        kept += "" if length >= 4 else text[at:at + max(length, 1)]
        at += max(length, 1)
    return kept


def _shared(text: str, at: int, row: str) -> int:
    """How long a stretch of the row begins there."""
    length = 0
    while at + length < len(text) and text[at:at + length + 1] in row:
        length += 1
    return length


def _normal(password: str) -> str:
    """The same password from every keyboard and system (800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
