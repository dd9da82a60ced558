"""The manifest: which published files belong together, and what they must contain."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.errors import WarehouseError

NATIONAL = "000000"
PUBLICATION = r"[0-9]{8}T[0-9]{6}-[0-9]{6}"
PROVINCE = r"[1-9][0-9]0000"
NAME = (rf"^(?:(?:national|(?:names-)?{PROVINCE})-({PUBLICATION})\.duckdb"
        rf"|[1-9][0-9]{{5}}-({PUBLICATION})\.parquet)$")
PublicationId = Annotated[str, Field(pattern=rf"^{PUBLICATION}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PublishedFile(_Model):
    """`region`: whose it is, 000000 for the country. `rows` by table."""

    name: Annotated[str, Field(pattern=NAME)]
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
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

    `files`: one a province and the country's; `names`: one a province that knows any teacher's
    name, for who may see names; `counties`: Parquet, one a county with teachers.
    """

    layout: Literal[2] = 2
    publication_id: PublicationId
    sequence: Annotated[int, Field(ge=1)]
    as_of: Annotated[int, Field(ge=0)]
    as_of_local: str
    offsets: list[Offset]
    warnings: list[str]
    files: list[PublishedFile]
    names: list[PublishedFile]
    counties: list[PublishedFile]
    kept: list[PublicationId]

    def file(self, region: str) -> PublishedFile | None:
        """The file of a province, or of the country."""
        return _of(region, self.files)

    def names_of(self, province: str) -> PublishedFile | None:
        """The names of a province's teachers, if it knows any."""
        return _of(province, self.names)

    def county(self, region: str) -> PublishedFile | None:
        """The Parquet file of a county, or of a city without counties."""
        return _of(region, self.counties)

    @property
    def all_files(self) -> list[PublishedFile]:
        return [*self.files, *self.names, *self.counties]

    @property
    def local_day(self) -> str:
        """The day of Asia/Shanghai that it speaks of, like 2023-07-20."""
        return self.as_of_local[:10]


def _of(region: str, files: list[PublishedFile]) -> PublishedFile | None:
    return next((file for file in files if file.region == region), None)


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
    return (match[1] or match[2]) if match else None
