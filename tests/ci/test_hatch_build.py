"""What is compiled once is compiled again only where its sources have changed."""

import os
from pathlib import Path

import pytest

from hatch_build import GROUP, MODULES, bring_back, compiled, put_aside, remove


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree whose rules are compiled, each file a second after its source."""
    rules = tmp_path / "pipeline" / "rules"
    rules.mkdir(parents=True)
    for name in MODULES:
        _put(rules / f"{name}.py", 1000)
        _put(rules / f"{name}.so", 1001)
    _put(tmp_path / f"{GROUP}__mypyc.cpython.so", 1001)
    return tmp_path


def _put(path: Path, at: float) -> None:
    path.touch()
    os.utime(path, (at, at))


def test_what_was_put_aside_comes_back(root: Path) -> None:
    made = compiled(root)
    put_aside(root)
    assert compiled(root) == []
    assert bring_back(root)
    assert sorted(compiled(root)) == sorted(made)


def test_a_changed_rule_asks_for_another_compilation(root: Path) -> None:
    put_aside(root)
    _put(root / "pipeline" / "rules" / "crowd.py", 1002)
    assert not bring_back(root)


def test_a_rule_that_was_not_compiled_asks_for_one(root: Path) -> None:
    (root / "pipeline" / "rules" / "crowd.so").unlink()
    assert not bring_back(root)


def test_nothing_that_was_put_aside_outlives_what_is_made_anew(root: Path) -> None:
    put_aside(root)
    remove(root)
    assert not bring_back(root)
    assert compiled(root) == []
