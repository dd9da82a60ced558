"""Named SQL: every statement lives in a file that says its grain and meaning."""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def query(name: str) -> str:
    """The text of queries/<name>.sql: one statement or several."""
    return (HERE / "queries" / f"{name}.sql").read_text(encoding="utf-8")
