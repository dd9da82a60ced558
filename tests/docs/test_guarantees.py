"""Every promise names the test that shows it, and that test is there."""

import ast
import re
from pathlib import Path

import pytest

from pipeline.settings import ROOT

PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PROMISE = re.compile(r"^\| G\d+ \|.*$", re.MULTILINE)


def text() -> str:
    return (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "test"), sorted(set(PROOF.findall(text()))))
def test_rule_14_a_named_proof_exists(file: str, test: str) -> None:
    assert (ROOT / file).exists()
    assert test in functions(ROOT / file)


def test_every_promise_has_a_proof() -> None:
    promises = PROMISE.findall(text())
    assert len(promises) > 15
    assert [one for one in promises if not PROOF.search(one)] == []
