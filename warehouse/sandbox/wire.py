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

    `names`: the file of names beside it, if the analyst may see them. `prefix`: of the regions
    to copy out of the files, None for the whole files as they are. `copies`: the statements
    that copy out of the one and the other.
    """

    folder: str
    file: str
    names: str | None
    prefix: str | None
    copies: list[str]
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
