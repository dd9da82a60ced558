"""Reading the folder of programme files into one checked catalogue.

All faults of all files are collected, one line each. What can be said of one file alone is
checked in `programme_tables`; what takes several of them, in `programme_links`.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Set
from pathlib import Path

from pipeline.rules import programme_links
from pipeline.rules.programme import Catalogue, Programme, ProgrammeError
from pipeline.rules.programme_tables import read_programme
from pipeline.rules.toml_table import Table


def load_catalogue(folder: Path, instead: Iterable[Path] = ()) -> Catalogue:
    """All programme files of the folder, as one checked catalogue, in the order of their names.

    `instead`: files to be read in place of the folder's own with the same ids; they come last.

    Raises:
        ProgrammeError: a line for each fault: "file: key path: reason".
    """
    own, others = _read_files(_files(folder)), _read_files(instead)
    _stop_at(programme_links.strangers(others, own))
    whole = {**_without({programme.id for programme in others.values()}, own), **others}
    _stop_at(programme_links.disagreements(whole))
    linked = programme_links.link(whole)
    _stop_at(programme_links.shortcomings(linked))
    return Catalogue.of(linked.values())


def _read_files(paths: Iterable[Path]) -> dict[str, Programme]:
    """The files' programmes, their shared courses still empty."""
    problems: list[str] = []
    drafts = {str(path): _read_file(path, problems) for path in paths}
    _stop_at(problems)
    return {file: draft for file, draft in drafts.items() if draft is not None}


def _without(ids: Set[str], files: Mapping[str, Programme]) -> dict[str, Programme]:
    return {file: programme for file, programme in files.items() if programme.id not in ids}


def _stop_at(problems: Iterable[str]) -> None:
    if found := list(problems):
        raise ProgrammeError(found)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ProgrammeError([f"{folder}: no such folder; it should hold the programme files"])
    files = sorted(p for p in folder.glob("*.toml") if not p.name.startswith("."))
    if not files:
        raise ProgrammeError([f"{folder}: no programme file (*.toml) in it"])
    return files


def _read_file(path: Path, problems: list[str]) -> Programme | None:
    """The file's programme, its shared courses still empty; None if it is no TOML at all."""
    try:
        # Editors on Windows put a byte order mark first, which TOML does not know.
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        problems.append(f"{path}: byte {error.start}: must be UTF-8; save it as UTF-8")
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
    except ValueError as error:
        problems.append(f"{path}: not TOML: {error}")
    else:
        return read_programme(Table(data, "", _noting(path, problems)))
    return None


def _noting(path: Path, problems: list[str]) -> Callable[[str, str], None]:
    return lambda key, reason: problems.append(f"{path}: {key}: {reason}")
