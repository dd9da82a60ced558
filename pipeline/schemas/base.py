"""What all records on the wire have in common."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# 9999-12-31: past it, no date library can show the moment.
MAX_EPOCH_MS = 253_402_214_400_000

EpochMs = Annotated[int, Field(ge=0, le=MAX_EPOCH_MS)]
"""Milliseconds since 1970-01-01T00:00Z, by the server's clock (rule 15)."""

ID_PATTERN = r"[A-Za-z0-9._:@-]+"
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=f"^{ID_PATTERN}$")]
"""An account, resource, session … id: never a phone number or a name (rule 24)."""

Seconds = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""Whole seconds of credit (glossary: hour)."""


Version = Annotated[int, Field(ge=1, le=1)]
"""Which schema a record follows. No `Literal`, as `true` equals 1."""


class Record(BaseModel):
    """A Kafka record's value: JSON, versioned, with no field that the schema does not know."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        populate_by_name=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    v: Version = 1

    def to_json(self) -> bytes:
        """The record as it stands on the wire."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """Whether `text` is an `Id`."""
    return len(text) <= 64 and _ID.fullmatch(text) is not None
