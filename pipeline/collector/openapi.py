"""`/openapi.json`, made of the operations and the messages' own models."""

from functools import cache
from http import HTTPStatus
from itertools import groupby
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline.collector.messages import Refused
from pipeline.collector.operations import OPERATIONS, SCHEMES, Operation
from pipeline.collector.xapi import versions

ABOUT = "Takes in what players tell; see docs/reference/collector-status.md for every status."
REF = "#/components/schemas/"
LATER = (429, 503)


@cache
def described() -> dict[str, Any]:
    """The collector's OpenAPI 3.1 description. It is not to be changed."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "xueshi collector", "version": "1", "description": ABOUT},
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": SCHEMES},
    }


def _schemas() -> dict[str, Any]:
    answers = [one.success[1] for one in OPERATIONS if one.success]
    models = {model.__name__: model
              for model in (Refused, *(one.body for one in OPERATIONS), *answers)
              if isinstance(model, type)}
    _, made = models_json_schema([(model, "validation") for model in models.values()],
                                 ref_template=REF + "{model}")
    return dict(made["$defs"])


def _operation(one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"summary": one.summary, "description": one.about}
    if one.security:
        described["security"] = [{name: []} if name else {} for name in one.security]
    if one.parameters:
        described["parameters"] = list(one.parameters)
    if one.body is not None:
        described["requestBody"] = {"required": True, "content": _posted(one, one.body)}
    return described | {"responses": _answers(one)}


def _posted(one: Operation, body: type[BaseModel]) -> dict[str, Any]:
    schema: dict[str, Any] = _schema(body)
    if one.listed:
        schema = {"anyOf": [schema, {"type": "array", "items": schema}]}
    return {"application/json": {"schema": schema, "example": one.example}}


def _schema(model: type[BaseModel] | dict[str, Any]) -> dict[str, Any]:
    return model if isinstance(model, dict) else {"$ref": REF + model.__name__}


def _answers(one: Operation) -> dict[str, Any]:
    answers = {}
    if one.success is not None:
        status, shape, meaning = one.success
        answers[str(status)] = _answer(meaning, shape) | _headers(one, one.headers)
    for code, refusals in groupby(one.refused, lambda refusal: refusal[0]):
        told = ", ".join(f"`{type_}`" for _, type_ in refusals)
        retry = {"Retry-After": "seconds"} if code in LATER else {}
        answers[str(code)] = _answer(f"{HTTPStatus(code).phrase}: {told}", one.refusal) | _headers(
            one, retry)
    return answers


def _answer(meaning: str, shape: type[BaseModel] | dict[str, Any] | None) -> dict[str, Any]:
    content = {} if shape is None else {
        "content": {"application/json": {"schema": _schema(shape)}}}
    return {"description": meaning, **content}


def _headers(one: Operation, own: dict[str, str]) -> dict[str, Any]:
    version = {versions.HEADER: "the version spoken"} if one.path.startswith("/xapi") else {}
    told = {name: {"description": meaning, "schema": {"type": "string"}}
            for name, meaning in {**own, **version}.items()}
    return {"headers": told} if told else {}
