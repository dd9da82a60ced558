"""`docs/reference/protocol.md`, made of the collector's OpenAPI description.

What each refusal means is written once, in the tables of two other pages, and taken from there.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.collector.operations import OPERATIONS, SCHEMES, Operation
from pipeline.settings import ROOT

TABLES = ("docs/reference/collector-status.md", "docs/how-to/xapi.md")
ROW = re.compile(r"^\| (\d{3}) \| `(\w+)`[^|]*\| ([^|]+?) \|", re.MULTILINE)
BOUNDS = {"minimum": "≥ {}", "maximum": "≤ {}", "minLength": "{} characters or more",
          "maxLength": "{} characters at most", "minItems": "{} or more", "maxItems": "{} at most",
          "maxProperties": "{} at most", "pattern": "`{}`", "format": "{}"}
STANDARD = ("Statement", "as xAPI 1.0.3 and 2.0 have it; its JSON schema is in "
            "[`openapi.json`](openapi.json), what becomes of it in [xAPI](../how-to/xapi.md)")
HEAD = """# Protocol

What the collector takes and answers. Made from its OpenAPI description
([`openapi.json`](openapi.json), served at `/openapi.json` too) by `xueshi docs`. What a client does
about each refusal: [the collector's answers](collector-status.md). How to build it into a website:
[integrate](../how-to/integrate.md).

Bodies are JSON in UTF-8, not compressed. Every refusal is a [Refused](#refused), but for `/readyz`.
Besides what is listed, any request can be 404 `unknown_path`, 405 `wrong_method` and 431
`head_too_large`. Where `XUESHI_CORS_ORIGINS` names a page's website, `OPTIONS` answers the
preflight of its posts, and the page may read the answers.
"""


def page(described: dict[str, Any]) -> str:
    """The whole page. The tables' own tests see to it that no refusal lacks its meaning."""
    meanings = _meanings()
    parts = [HEAD, "## Who may", "", *_table(("scheme", "is"), (
        (f"`{name}`", f"HTTP {scheme['scheme']}: {scheme['description']}")
        for name, scheme in SCHEMES.items()))]
    for one in OPERATIONS:
        parts += _operation(one, described["paths"][one.path][one.method], meanings)
    parts += ["## Shapes", ""]
    for name in _shown(described):
        parts += _shape(name, described["components"]["schemas"][name])
    return "\n".join(parts)


def _meanings() -> dict[tuple[int, str], str]:
    rows = [row for path in TABLES for row in ROW.findall((ROOT / path).read_text("utf-8"))]
    return {(int(status), type_): meaning for status, type_, meaning in rows} | {
        (503, "shortcomings"): "Kafka is away or lacks a topic; `shortcomings` says what"}


def _operation(
    one: Operation, told: dict[str, Any], meanings: dict[tuple[int, str], str]
) -> Iterator[str]:
    yield from (f"## `{one.method.upper()} {one.path}`", "", f"{one.summary}. {one.about}", "")
    schemes = [f"`{name}`" if name else "none" for name in one.security]
    yield from (f"Authorization: {' or '.join(schemes) or 'none'}.", "")
    if one.parameters:
        yield from _table(("parameter", "in", "must", "meaning"), (
            (f"`{given['name']}`", given["in"], "yes" if given["required"] else "no",
             given["description"]) for given in one.parameters))
    if one.body is not None:
        schema = told["requestBody"]["content"]["application/json"]["schema"]
        yield from (f"Body: {_type(schema)}.", "", "```json",
                    json.dumps(one.example, ensure_ascii=False, indent=1), "```", "")
    yield from _table(("answer", "type", "when, or what"), _answers(one, told, meanings))


def _answers(
    one: Operation, told: dict[str, Any], meanings: dict[tuple[int, str], str]
) -> Iterator[tuple[str, ...]]:
    if one.success is not None:
        status, _, meaning = one.success
        content = told["responses"][str(status)].get("content")
        shape = _type(content["application/json"]["schema"]) if content else "no body"
        yield str(status), shape, meaning
    for code, type_ in one.refused:
        yield str(code), f"`{type_}`", meanings.get((code, type_), "")


def _shown(described: dict[str, Any]) -> list[str]:
    """The shapes of this project's own; the statement's are the standard's."""
    schemas = described["components"]["schemas"]
    own = [name for name in schemas if name not in _within("Statement", schemas, set())]
    return sorted(own)


def _within(name: str, schemas: dict[str, Any], seen: set[str]) -> set[str]:
    if name not in seen:
        seen.add(name)
        for other in re.findall(r"#/components/schemas/(\w+)", json.dumps(schemas[name])):
            _within(other, schemas, seen)
    return seen


def _shape(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield from (f"### {name}", "", " ".join(schema.get("description", "").split()), "")
    required = schema.get("required", [])
    yield from _table(("field", "type", "must", "meaning"), (
        (f"`{field}`", _type(of), "yes" if field in required else "no", of.get("description", ""))
        for field, of in schema["properties"].items()))


def _type(schema: dict[str, Any]) -> str:
    """In words, with its bounds."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return STANDARD[1] if name == STANDARD[0] else f"[{name}](#{name.lower()})"
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(map(_type, schema[choice]))
    if "const" in schema or "enum" in schema:
        return " or ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    bounds = [text.format(schema[key]) for key, text in BOUNDS.items() if key in schema]
    return ", ".join([_bare(schema), *bounds])


def _bare(schema: dict[str, Any]) -> str:
    type_: str = schema.get("type", "any")
    if type_ == "array":
        return f"list of {_type(schema['items'])}"
    inner = schema.get("additionalProperties")
    return f"object of {_type(inner)}" if isinstance(inner, dict) else type_


def _table(heads: tuple[str, ...], rows: Any) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "| " + " | ".join("---" for _ in heads) + " |"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""
