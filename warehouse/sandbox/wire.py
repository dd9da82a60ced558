"""What parent and child tell each other, a line of JSON each. Standard library only."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

# setup: the child could not begin; refused: the SQL is wrong or asks for what is not allowed;
# memory: it needs more than it may have.
Fault = Literal["setup", "refused", "memory"]


@dataclass(frozen=True, slots=True)
class Job:
    """What the child opens and how much it may use; the SQL follows the job's line.

    `prefix`: of the regions to copy out of the file, None for the whole file as it is.
    `copy`: the statements that copy. `hidden`: [table, column] to leave out of a copy.
    """

    folder: str
    file: str
    prefix: str | None
    copy: str
    hidden: list[list[str]]
    memory_mib: int
    cpu_seconds: int
    rows: int
    bytes: int

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"

    @staticmethod
    def of(line: str) -> "Job":
        return Job(**json.loads(line))


def line(what: Any) -> str:
    """`{"columns": …}` first, then a list for each row, `{"cut": …}` last; or `{"fault": …}`."""
    return json.dumps(what, ensure_ascii=False, separators=(",", ":")) + "\n"
