"""No rule is without a specification."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import ROOT

RULES = range(1, 29)
NAMED = re.compile(r"test_rules?_((?:\d+_)+)")


def named(folder: Path) -> Iterator[int]:
    """The numbers of the rules that tests under the folder are named for."""
    for path in folder.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (found := NAMED.match(node.name)):
                yield from map(int, found[1].strip("_").split("_"))


@pytest.mark.parametrize("rule", RULES)
def test_the_specification_has_a_case(rule: int) -> None:
    assert rule in set(named(Path(__file__).parent))


def test_no_test_is_named_for_a_rule_that_does_not_exist() -> None:
    assert set(named(ROOT / "tests")) == set(RULES)
