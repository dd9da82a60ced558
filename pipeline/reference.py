"""The reference pages, made from the code: `xueshi docs` writes them, a test compares them."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from pipeline import protocol_page
from pipeline.collector.openapi import described
from pipeline.metrics import page as metrics_page
from pipeline.schemas.access import ROLES, Role
from pipeline.schemas.models import MODELS, json_schema
from pipeline.schemas.topics import DAY_MS, FOR_EVER, TOPICS, Topic
from pipeline.settings import ROOT, Settings
from warehouse import dictionary_page


def pages(commands: click.Group) -> dict[Path, str]:
    """Text of every generated file by its path below `docs/reference/`."""
    return {
        Path("commands.md"): commands_page(commands),
        Path("data-dictionary.md"): dictionary_page.page(),
        Path("metrics.md"): metrics_page.page(),
        Path("openapi.json"): json.dumps(described(), ensure_ascii=False, indent=1) + "\n",
        Path("protocol.md"): protocol_page.page(described()),
        Path("settings.md"): settings_page(),
        Path("topics.md"): topics_page(),
        **{Path("schemas", f"{name}.json"): _schema(name) for name in MODELS},
    }


def commands_page(commands: click.Group) -> str:
    """Every command with its own help text."""
    return "\n".join(["# Commands", "", "Made from the commands' own help by `xueshi docs`.", "",
                      *_helps("xueshi", commands, None)])


def _helps(name: str, command: click.Command, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(command, parent, info_name=name, terminal_width=96,
                            **command.context_settings)
    yield from (f"## `{context.command_path}`", "", "```", command.get_help(context), "```", "")
    if isinstance(command, click.Group):
        for inner in sorted(command.list_commands(context)):
            if nested := command.get_command(context, inner):
                yield from _helps(inner, nested, context)


def settings_page() -> str:
    """A table of every setting with its variable, default and meaning."""
    return "\n".join([
        "# Settings", "",
        "Every process reads its settings from the environment, once; or, each, from a file of its",
        "name in the folder that `XUESHI_SECRETS_DIR` names (docs/how-to/secure.md). Made from",
        "`pipeline/settings.py` by `xueshi docs`.", "",
        "| variable | default | meaning |", "| --- | --- | --- |", *_settings(), "",
    ])


def _settings() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        variable = "KAFKA_BOOTSTRAP_SERVERS" if field.validation_alias else f"XUESHI_{name.upper()}"
        yield f"| `{variable}` | {_default(field.default)} | {field.description} |"


def _default(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Path) and value.is_absolute():
        return f"the project's `{value.relative_to(ROOT)}`"
    return f"`{value}`"


def topics_page() -> str:
    """A table of every topic and its contract."""
    return "\n".join([
        "# Topics", "",
        "Every name is prefixed by `XUESHI_TOPIC_PREFIX`. Teachers' topics have",
        "`XUESHI_PARTITIONS` partitions. Made from `pipeline/schemas/topics.py` by `xueshi docs`.",
        "", "| topic | meaning | key | kept | writer → readers | dead letters | schema |",
        "| --- | --- | --- | --- | --- | --- | --- |", *map(_topic, TOPICS), "",
        "## Roles", "",
        "Who may do what, where Kafka has an authorizer: made from `pipeline/schemas/access.py`,",
        "as `xueshi topics acls` is. Who reads or writes may also look where a topic ends.", "",
        "| role | runs | reads | writes | groups |", "| --- | --- | --- | --- | --- |",
        *map(_role, ROLES), "",
    ])


def _role(role: Role) -> str:
    groups = [*(f"member of `{name}`" for name in role.joins),
              *(f"looks at `{name}`" for name in role.watches)]
    writes = [f"`{one.name}`{' (in transactions)' if one in role.transactions else ''}"
              for one in role.writes]
    reads = [f"`{one.name}`" for one in role.reads]
    lists = " | ".join(", ".join(some) or "–" for some in (reads, writes, groups))
    return f"| {role.name} | {role.processes} | {lists} |"


def _topic(topic: Topic) -> str:
    kept = "for ever" if topic.retention_ms == FOR_EVER else f"{topic.retention_ms // DAY_MS} days"
    if topic.cleanup == "compact":
        kept = "the last of each key"
    schemas = ", ".join(f"[{name}](schemas/{name}.json)" for name in topic.models)
    return (f"| `{topic.name}` | {topic.meaning} | {topic.key} | {kept} "
            f"| {topic.writer} → {', '.join(topic.readers)} | {topic.dead_letter or '–'} "
            f"| {schemas} |")


def _schema(name: str) -> str:
    return json.dumps(json_schema(name), ensure_ascii=False, indent=2) + "\n"


def write(folder: Path, commands: click.Group) -> list[Path]:
    """Write every page below `folder`; the paths written."""
    written = []
    for path, text in pages(commands).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return written
