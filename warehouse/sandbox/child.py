"""The process that runs a stranger's SQL: `python -I -m warehouse.sandbox.child`.

It opens the one file, gives up everything, and only then reads the SQL from standard input. What
it answers is one stranger's word, too: the parent believes nothing but its form.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytz
from duckdb import DuckDBPyConnection, StatementType

from warehouse.sandbox import seccomp
from warehouse.sandbox.limits import become_nobody, enter, limit
from warehouse.sandbox.wire import Job, line

SETTINGS = (
    "SET allow_community_extensions = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET python_enable_replacements = false",
    "SET secret_directory = ''",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
ZONE = "Asia/Shanghai"
# Values of every kind that Python fetches with the help of a module: imported while it can be.
KINDS = """SELECT now(), current_date, current_time, 1.5::DECIMAL(4,1), uuid(), INTERVAL 1 DAY,
    'a'::BLOB, [1], {'a': 1}, MAP {'a': 1}, 1::HUGEINT, now()::TIMESTAMP,
    '12:00:00+08'::TIMETZ"""
ALLOWED = {StatementType.SELECT, StatementType.EXPLAIN}
CHUNK = 256


class RefusedError(Exception):
    """The SQL is no single query; the message says so in Chinese."""


def main() -> None:
    job = Job.of(sys.stdin.readline())
    try:
        db = _confined(job)
    except Exception as error:  # whatever it is, the SQL must not run
        _end(line({"fault": "setup", "message": str(error)}))
    try:
        sys.stdout.writelines(_answer(db, sys.stdin.read(), job))
        _end("")
    except (MemoryError, duckdb.OutOfMemoryException):
        _end(line({"fault": "memory", "message": ""}))
    except Exception as error:  # the SQL can provoke any
        _end(line({"fault": "refused", "message": str(error)}))


def _end(text: str) -> None:
    """No clean-up: that would want what this process no longer may."""
    sys.stdout.write(text)
    sys.stdout.flush()
    os._exit(0)


def _confined(job: Job) -> DuckDBPyConnection:
    root = os.geteuid() == 0
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    pytz.timezone(ZONE)  # it reads a file, and keeps what it read
    folder = enter(Path(job.folder))
    db = duckdb.connect(config={
        "threads": 1, "async_threads": 1, "memory_limit": f"{job.memory_mib * 3 // 4}MiB",
        "temp_directory": "",
    })
    db.execute(f"SET GLOBAL TimeZone = '{ZONE}'")
    db.execute(KINDS).fetchall()
    limit(job.memory_mib, job.cpu_seconds, statm)
    os.close(statm)
    _open(db, job, folder)
    for setting in SETTINGS:
        db.execute(setting)
    if root:
        become_nobody()
    seccomp.die_with_parent()
    seccomp.confine()
    return db


def _open(db: DuckDBPyConnection, job: Job, folder: Path) -> None:
    """As the dashboard's editions are opened: `edition`, and `named` for who may see names."""
    db.execute("SET VARIABLE prefix = ?::VARCHAR", [job.prefix])
    _bring(db, job, folder / job.file, ("province", "edition"), 0)
    if job.names is not None:
        _bring(db, job, folder / job.names, ("all_names", "named"), 1)
    db.execute("USE edition")


def _bring(
    db: DuckDBPyConnection, job: Job, path: Path, names: tuple[str, str], copy: int
) -> None:
    """The file as a database of the second name; or copied out of it, then under the first."""
    whole, own = names
    quoted = str(path).replace("'", "''")
    if job.prefix is None:
        db.execute(f"ATTACH '{quoted}' AS {own} (READ_ONLY)")
        return
    db.execute(f"ATTACH '{quoted}' AS {whole} (READ_ONLY)")
    db.execute(f"ATTACH ':memory:' AS {own}")
    db.execute(job.copies[copy])
    db.execute(f"DETACH {whole}")


def _answer(db: DuckDBPyConnection, sql: str, job: Job) -> Iterator[str]:
    found = db.execute(_only(sql))
    described = found.description or ()
    yield line({"columns": [[name, str(kind)] for name, kind, *_ in described]})
    rows = size = 0
    while chunk := found.fetchmany(CHUNK):
        for row in chunk:
            text = line([_cell(value) for value in row])
            rows, size = rows + 1, size + len(text.encode())
            if rows > job.rows or size > job.bytes:
                yield line({"cut": True})
                return
            yield text
    yield line({"cut": False})


def _only(sql: str) -> duckdb.Statement:
    """For clear answers; what protects is that this process can reach nothing."""
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1:
        raise RefusedError("请只写一条查询语句。")
    if statements[0].type not in ALLOWED:
        raise RefusedError("只能查询（SELECT、WITH、DESCRIBE、SUMMARIZE、EXPLAIN 等）。")
    return statements[0]


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    main()
