"""`/openapi.json`: bodies are parsed by hand, so they are described by hand too."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline.collector.arrival import HEADER
from pipeline.collector.messages import OpenPlay, Post

REF = "#/components/schemas/{model}"
BODIES: tuple[type[BaseModel], ...] = (OpenPlay, Post)

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


def described(body: type[BaseModel], security: str) -> dict[str, Any]:
    """What a route takes, for its `openapi_extra`."""
    schema = {"$ref": REF.format(model=body.__name__)}
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "parameters": [SIMULATED_TIME],
        "security": [{security: []}],
    }


def describing(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The app's description, made when first asked for."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    return describe


def _describe(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=app.description,
                         routes=app.routes)
    _, bodies = models_json_schema([(body, "validation") for body in BODIES], ref_template=REF)
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(bodies["$defs"])
    components["securitySchemes"] = SCHEMES
    return schema
