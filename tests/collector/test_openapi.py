"""`/openapi.json` describes what the collector really takes."""

import asyncio
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pipeline.collector.arrival import HEADER
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import serving


@pytest.fixture
def described(offline: Settings, catalogue: Catalogue) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        async with serving(offline, catalogue, Memory(offline)) as client:
            answer: dict[str, Any] = (await client.http.get("/openapi.json")).json()
            return answer

    return asyncio.run(ask())


def operation(described: dict[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = described["paths"][path]["post"]
    return found


def body_validator(described: dict[str, Any], path: str) -> Draft202012Validator:
    schema = operation(described, path)["requestBody"]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": described["components"]})


def test_every_answer_is_described(described: dict[str, Any]) -> None:
    """Which routes and refusals there are: test_protocol.py."""
    assert set(operation(described, "/v1/events")["responses"]) == {
        "202", "400", "401", "403", "408", "413", "415", "422", "429", "500", "503"}
    assert set(operation(described, "/v1/plays")["responses"]) == {
        "201", "400", "401", "404", "408", "413", "415", "422", "429", "500"}
    for path in ("/v1/plays", "/v1/events"):
        (scheme,) = operation(described, path)["security"][0]
        assert scheme in described["components"]["securitySchemes"]
        assert operation(described, path)["parameters"][0]["name"] == HEADER


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    text = json.dumps(described)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(described["components"]["schemas"])
    assert {"Post", "Heartbeat", "QuizAnswers", "OpenPlay"} <= names


def test_a_good_post_fits_and_bad_ones_do_not(described: dict[str, Any]) -> None:
    validator = body_validator(described, "/v1/events")
    validator.validate(json.loads(hostile.post(hostile.beat(), hostile.quiz())))
    bad_events: list[list[Any]] = [
        [], [hostile.beat(seq=0)], [hostile.beat(rate=17)], [hostile.quiz(answers=["A"])]]
    for bad in bad_events:
        with pytest.raises(ValidationError):
            validator.validate({"events": bad})


def test_a_good_play_fits_and_a_bad_one_does_not(described: dict[str, Any]) -> None:
    validator = body_validator(described, "/v1/plays")
    validator.validate({"teacher_id": "t", "resource_id": "r"})
    with pytest.raises(ValidationError):
        validator.validate({"teacher_id": "a teacher", "resource_id": "r"})
