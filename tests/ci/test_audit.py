"""What `make audit` makes of the auditors' answers; they themselves need the network."""

import json
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import ROOT

AUDIT = ROOT / ".ci" / "audit"
CLEAN = {"dependencies": [{"name": "click", "version": "8", "vulns": []}]}
SKIPPED = {"dependencies": [*CLEAN["dependencies"], {"name": "more", "skip_reason": "not found"}]}
KNOWN = {"dependencies": [{"name": "click", "version": "8", "vulns": [
    {"id": "CVE-1", "fix_versions": ["8.1"]}, {"id": "CVE-2", "fix_versions": []}]}]}
NPM_CLEAN: dict[str, Any] = {"vulnerabilities": {}}
NPM_KNOWN = {"vulnerabilities": {"axe": {"range": "<4", "severity": "high"}}}
NPM_AWAY = {"message": "405 Method Not Allowed"}


@pytest.fixture(scope="module")
def audit() -> Any:
    loader = SourceFileLoader("ci_audit", str(AUDIT))
    spec = spec_from_loader("ci_audit", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(("python", "npm", "code", "said"), [
    (CLEAN, NPM_CLEAN, 0, ""),
    (SKIPPED, NPM_CLEAN, 3, "CANNOT TELL  1 of 2 Python packages"),
    (CLEAN, NPM_AWAY, 3, "CANNOT TELL  .: 405 Method Not Allowed"),
    (KNOWN, NPM_AWAY, 1, "VULNERABLE  click 8: CVE-2, mended in no version yet"),
    (SKIPPED, NPM_KNOWN, 1, "VULNERABLE  player: axe <4: high"),
])
def test_what_cannot_be_told_is_neither_clean_nor_vulnerable(
    audit: Any, python: dict[str, Any], npm: dict[str, Any], code: int, said: str, *,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(audit, "_asked", lambda command, _: npm if "npm" in command else python)
    assert audit.main("pip-audit") == code
    assert said in capsys.readouterr().out


def test_an_auditor_that_does_not_run_is_not_told(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, AUDIT, str(tmp_path / "none")], text=True, timeout=60,
                          capture_output=True, check=False, env={"PATH": str(tmp_path)})
    assert done.returncode == 3
    assert done.stdout.count("CANNOT TELL") == 3
    assert "npm" in done.stdout


def test_what_it_needs_is_locked_by_hash() -> None:
    lines = (ROOT / "requirements" / "audit.lock").read_text("utf-8").splitlines()
    assert any(line.startswith("pip-audit==") for line in lines)
    assert not [line for line in lines if "://" in line]
    assert json.dumps(lines).count("--hash=sha256:") > len([one for one in lines if "==" in one])
