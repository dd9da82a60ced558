"""The truth as a file: one JSON object a teacher and line."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simulator.truth import ProgrammeTruth, TeacherTruth


def write_truth(truth: Iterable[TeacherTruth], file: Path) -> None:
    """One JSON object a line, teacher by teacher."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as lines:
        for teacher in truth:
            lines.write(json.dumps(asdict(teacher), ensure_ascii=False) + "\n")


def read_truth(file: Path) -> Iterator[TeacherTruth]:
    """What `write_truth` wrote."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield _teacher(json.loads(line))


def _teacher(fields: dict[str, Any]) -> TeacherTruth:
    programmes = {id_: _programme(p) for id_, p in fields["programmes"].items()}
    return TeacherTruth(**{**fields, "behaviours": tuple(fields["behaviours"]),
                           "programmes": programmes})


def _programme(fields: dict[str, Any]) -> ProgrammeTruth:
    courses = {id_: (learned, credited) for id_, (learned, credited) in fields["courses"].items()}
    return ProgrammeTruth(**{**fields, "done": tuple(fields["done"]), "courses": courses})
