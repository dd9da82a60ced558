"""`/openapi.json`. The two posts are parsed by hand, so they are described by hand too."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline.collector.arrival import HEADER
from pipeline.collector.messages import Accepted, OpenedPlay, OpenPlay, Post, Refused

MODELS: tuple[type[BaseModel], ...] = (Accepted, OpenedPlay, OpenPlay, Post, Refused)
PLATFORM_KEY = "platformKey"
PLAY_TOKEN = "playToken"
SCHEMES = {
    PLATFORM_KEY: {"type": "http", "scheme": "bearer"},
    PLAY_TOKEN: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}
SIMULATED_TIME = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Receive time in epoch milliseconds; refused outside a simulation.",
    "schema": {"type": "integer", "format": "int64"},
}


def describing(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The app's description, made when first asked for."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    return describe


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=app.description,
                         routes=app.routes)
    schema["paths"] |= {
        "/v1/plays": {"post": _operation(
            "Open a play session", [{PLATFORM_KEY: []}], OpenPlay, (201, OpenedPlay),
            (400, 401, 404, 408, 413, 422))},
        "/v1/events": {"post": _operation(
            "Send what was played", [{PLAY_TOKEN: []}, {}], Post, (202, Accepted),
            (400, 401, 403, 408, 413, 422, 429, 503))},
    }
    _, models = models_json_schema([(model, "validation") for model in MODELS],
                                   ref_template="#/components/schemas/{model}")
    schema["components"] = {"schemas": models["$defs"], "securitySchemes": SCHEMES}
    return schema


def _operation(
    summary: str, security: list[dict[str, list[str]]], body: type[BaseModel],
    success: tuple[int, type[BaseModel]], refusals: Iterable[int],
) -> dict[str, Any]:
    answers: dict[int, type[BaseModel]] = {
        success[0]: success[1], **dict.fromkeys(refusals, Refused)}
    return {
        "summary": summary,
        "security": security,
        "parameters": [SIMULATED_TIME],
        "requestBody": {"required": True, "content": _content(body)},
        "responses": {
            str(status): {"description": HTTPStatus(status).phrase, "content": _content(model)}
            for status, model in answers.items()
        },
    }


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
