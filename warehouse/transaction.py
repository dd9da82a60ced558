"""One transaction: all of it, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb
from duckdb import DuckDBPyConnection


@contextmanager
def transaction(db: DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, or nothing of it.

    Raises:
        duckdb.Error: why it could not be done. A roll-back may fail as well, as after a commit
            on a full disk there is nothing to roll back any more: that would only hide why.
    """
    db.begin()
    try:
        yield
        db.commit()
    except BaseException:
        with suppress(duckdb.Error):
            db.rollback()
        raise
