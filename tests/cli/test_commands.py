"""The command line as a whole: help, settings, and that nothing is undocumented."""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import click
import pytest

from pipeline.cli import commands
from pipeline.settings import ROOT, Settings


def xueshi(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pipeline", *arguments], text=True, timeout=60,
                          capture_output=True, env={**os.environ, **environment}, check=False)


def leaves(group: click.Group) -> list[click.Command]:
    context, found = click.Context(group), []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        assert command.name == name
        found += leaves(command) if isinstance(command, click.Group) else [command]
    return found


def test_a_collector_needs_no_duckdb_and_a_report_no_faust() -> None:
    for command, unneeded in (("collector", "duckdb"), ("report", "faust")):
        script = (f"import sys; from pipeline.cli import commands; "
                  f"commands(['{command}', '--help'], standalone_mode=False); "
                  f"sys.exit('{unneeded}' in sys.modules)")
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0, command


@pytest.mark.parametrize("command", leaves(commands), ids=lambda c: c.callback.__qualname__)
def test_every_command_and_option_says_what_it_does(command: click.Command) -> None:
    assert command.help
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or parameter.help, parameter.name  # type: ignore[attr-defined]  # options have it


def test_reference_pages_are_as_xueshi_docs_makes_them(tmp_path: Path) -> None:
    """Run `xueshi docs` when this fails."""
    assert xueshi("docs", "--into", str(tmp_path)).returncode == 0
    made = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*.*")}
    assert len(made) > 10
    for name, text in made.items():
        assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == text


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_a_wrong_setting_is_one_line_that_names_the_variable() -> None:
    ended = xueshi("topics", "list", XUESHI_PARTITIONS="many")
    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("Error: XUESHI_PARTITIONS: ")


def test_a_misspelt_command_is_refused_with_a_hint() -> None:
    ended = xueshi("colector")
    assert ended.returncode == 2
    assert "No such command 'colector'" in ended.stderr


def test_a_programme_file_with_a_typo_is_said_by_file_key_and_reason(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("programmes")
    for source in (ROOT / "programmes").glob("*.toml"):
        text = source.read_text(encoding="utf-8").replace("pass_mark", "pas_mark")
        (folder / source.name).write_text(text, encoding="utf-8")
    ended = xueshi("worker", XUESHI_PROGRAMMES_DIR=str(folder), XUESHI_PLATFORM_KEY="k" * 16,
                   KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert ended.returncode == 1
    assert "2023-summer.toml: pas_mark" in ended.stderr


def test_who_listens_and_does_not_speak_kafka_is_one_line() -> None:
    """A broker that is closing, or a balancer before none: the error stays the last line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with subprocess.Popen(
            [sys.executable, "-m", "pipeline", "topics", "check"], stderr=subprocess.PIPE,
            text=True, env={"KAFKA_BOOTSTRAP_SERVERS": address, "PATH": ""},
        ) as process:
            while process.poll() is None:
                with suppress(TimeoutError):
                    server.accept()[0].close()
            assert process.stderr is not None
            said = process.stderr.read().strip().splitlines()
    assert process.returncode == 1
    assert len(said) == 1
    assert "does not answer" in said[0]
