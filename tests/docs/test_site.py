"""The documentation: it builds without a network, and what it tells people to type exists."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipeline.cli import commands
from pipeline.settings import ROOT, SECRETS_DIR, Settings

DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), ROOT / "player" / "README.md"])
VARIABLES = {SECRETS_DIR, *(f"XUESHI_{name.upper()}" for name in Settings.model_fields)}
REMOTE = re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+["'][^>]*|url\((?:https?:)?//[^)]+""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A link that leads nowhere, or a page that nothing leads to, fails it."""
    into = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d",
         str(into / "doctrees"), str(DOCS), str(into / "html")],
        capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return into / "html"


def test_every_page_is_in_the_site(site: Path) -> None:
    for page in DOCS.rglob("*.md"):
        assert (site / page.relative_to(DOCS)).with_suffix(".html").is_file(), page


def test_a_browser_loads_nothing_from_elsewhere(site: Path) -> None:
    loaded = [one for file in (*site.rglob("*.html"), *site.rglob("*.css"))
              for one in REMOTE.findall(file.read_text())
              if not one.startswith("href") or "stylesheet" in one]
    assert loaded == []


def typed(page: Path) -> Iterator[list[str]]:
    """The commands of ours that a page tells people to type."""
    for block in re.findall(r"```(?:sh|bash|console)?\n(.*?)```", page.read_text(), re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|;|\||\$\(", line.partition(" #")[0]):
                words = re.sub(r"^\s*(\w+=\S+ )*", "", part)
                if words.startswith("xueshi ") and "…" not in words.split()[1]:
                    yield shlex.split(words.rstrip("& )"))[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_told_exist_with_their_options(page: Path) -> None:
    if page.name == "commands.md":  # made from the commands themselves
        return
    for line in typed(page):
        command: click.Command = commands
        words = line
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = command.get_command(click.Context(command), words[0])
            assert found, words
            command, words = found, words[1:]
        options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        for word in words:
            if word.startswith("--"):
                assert word.partition("=")[0] in {*options, "--help"}, (command.name, word)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_that_are_told_exist(page: Path) -> None:
    told = set(re.findall(r"XUESHI_[A-Z_]*[A-Z]", page.read_text()))
    assert told <= VARIABLES, told - VARIABLES


def test_every_rule_is_told_and_proven() -> None:
    text = (DOCS / "reference" / "rules.md").read_text()
    told = {int(number) for number in re.findall(r"(?m)^\| (\d+) \|", text)}
    tests = "\n".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    proven = {int(number) for names in re.findall(r"def test_rules?((?:_\d+)+)", tests)
              for number in names.strip("_").split("_")}
    assert told == set(range(1, 29))
    assert told <= proven, told - proven
