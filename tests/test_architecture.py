"""What the import contracts in pyproject.toml cannot say."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import ROOT


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize(
    ("package", "allowed"),
    # the names of a compiled integer and of an attribute; numbers out of bytes; and JSON
    [("rules", {"mypy_extensions", "librt"}), ("schemas", {"pydantic", "pydantic_core"})]
)
def test_package_imports_the_standard_library_and_itself(package: str, allowed: set[str]) -> None:
    for path in (ROOT / "pipeline" / package).glob("*.py"):
        foreign = {
            name for name in imported(path)
            if name.split(".")[0] not in sys.stdlib_module_names | allowed
            and not name.startswith(f"pipeline.{package}")
        }
        assert not foreign, f"{path.name} imports {foreign}"


def test_no_clock_is_read_in_the_rules() -> None:
    for path in (ROOT / "pipeline" / "rules").glob("*.py"):
        assert "time" not in set(imported(path)), path.name
