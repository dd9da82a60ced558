"""Every model ships example messages, good ones and bad ones, and all of them are tried."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from pipeline import schemas
from pipeline.schemas.models import MODELS, json_schema
from pipeline.schemas.telemetry import QuizEvent
from pipeline.schemas.topics import TOPICS

EXAMPLES = sorted((Path(schemas.__file__).parent / "examples").glob("*/*.json"))
# What a JSON Schema cannot say, or what is not JSON at all: only the model refuses it.
BEYOND_JSON_SCHEMA = {"columns-differ-in-length", "not-a-number", "infinity", "raw-is-not-base64",
                      "part-beyond-the-last"}


def name_of(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def kind(path: Path) -> str:
    return path.stem.split("-", 1)[0]


GOOD = [path for path in EXAMPLES if kind(path) == "good"]
BAD = [path for path in EXAMPLES if kind(path) == "bad"]


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_good_example_is_read_and_written_back_unchanged(path: Path) -> None:
    model = MODELS[path.parent.name]
    record = model.model_validate_json(path.read_bytes())
    assert model.model_validate_json(record.to_json()) == record
    written, given = json.loads(record.to_json()), json.loads(path.read_text())
    assert {key: written[key] for key in given} == given


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_bad_example_is_refused(path: Path) -> None:
    with pytest.raises(ValidationError):
        MODELS[path.parent.name].model_validate_json(path.read_bytes())


@pytest.mark.parametrize("path", [*GOOD, *BAD], ids=name_of)
def test_json_schema_agrees_with_the_model(path: Path) -> None:
    name = path.stem.split("-", 1)[1]
    if name in BEYOND_JSON_SCHEMA:
        return
    validator = Draft202012Validator(json_schema(path.parent.name))
    assert validator.is_valid(json.loads(path.read_text())) == (kind(path) == "good")


def test_every_model_has_good_and_bad_examples() -> None:
    assert {p.parent.name for p in GOOD} == {p.parent.name for p in BAD} == set(MODELS)


def test_every_model_of_the_catalogue_is_known() -> None:
    assert {model for topic in TOPICS for model in topic.models} == set(MODELS)


def test_rule_24_no_schema_has_room_for_a_phone_or_a_person() -> None:
    schema_text = json.dumps([_properties(json_schema(name)) for name in MODELS])
    for word in ("phone", "mobile", "id_card", "teacher_name", "email"):
        assert word not in schema_text


def _properties(schema: dict[str, Any]) -> list[str]:
    nested = [_properties(one) for one in schema.get("$defs", {}).values()]
    return [*schema.get("properties", {}), *(name for names in nested for name in names)]


def test_rule_10_a_quiz_event_has_no_place_for_a_claimed_score() -> None:
    assert not {"score", "passed", "correct"} & set(QuizEvent.model_fields)
