"""The manifest: which published files belong together, and what they must contain."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.errors import WarehouseError

NATIONAL = "000000"
NAME = r"^(national|[1-9][0-9]0000)-[0-9]{8}T[0-9]{6}-[0-9]{6}\.duckdb$"
PublicationId = Annotated[str, Field(pattern=r"^[0-9]{8}T[0-9]{6}-[0-9]{6}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PublishedFile(_Model):
    """`region` is a province's code, or 000000 for the national file. `rows` by table."""

    name: Annotated[str, Field(pattern=NAME)]
    region: Annotated[str, Field(pattern=r"^[0-9]{2}0000$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]
    rows: dict[str, int]


class Offset(_Model):
    """The publication has all records of this partition before `next_offset`."""

    topic: str
    partition: int
    next_offset: int


class Manifest(_Model):
    """`as_of` (epoch ms) is the moment the figures speak of, `as_of_local` the same in
    Asia/Shanghai; `kept`: the publications whose files still exist, this one last.
    """

    layout: Literal[1] = 1
    publication_id: PublicationId
    sequence: Annotated[int, Field(ge=1)]
    as_of: Annotated[int, Field(ge=0)]
    as_of_local: str
    offsets: list[Offset]
    warnings: list[str]
    files: list[PublishedFile]
    kept: list[PublicationId]

    def file(self, region: str) -> PublishedFile | None:
        """The file of a province, or of the country."""
        return next((file for file in self.files if file.region == region), None)


def manifest_path(published: Path) -> Path:
    return published / "manifest.json"


def read_manifest(published: Path) -> Manifest:
    """The manifest of the last good publication.

    Raises:
        WarehouseError: there is none, or it is broken.
    """
    path = manifest_path(published)
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise WarehouseError(
            f"nothing is published in {published}: run `xueshi publisher --once`") from None
    except OSError as error:
        raise WarehouseError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "file"
        raise WarehouseError(
            f"{path} is broken ({where}: {fault['msg']}): publish again with "
            "`xueshi publisher --once`") from error


def publication_of(name: str) -> str | None:
    """The publication that a file of this name belongs to; None if it is no published file."""
    match = re.fullmatch(NAME, name)
    return name.partition("-")[2].removesuffix(".duckdb") if match else None
