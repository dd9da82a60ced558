"""Compiles the rules that every heartbeat and completion passes, from the Python they are (ADR 26).

`pip install` does it where mypy and a C compiler are at hand; without them the same files are run
as they are, some four times slower. `python hatch_build.py` compiles in place, for work on them,
where that is not done yet, and with `--aside` goes back to the Python.
"""

import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
RULES = ROOT / "pipeline" / "rules"
MODULES = ("attempts", "changes", "columns", "completion", "credit", "crowd", "entering",
           "intervals", "programme", "quiz", "viewer_values", "viewing", "wall_clock", "watching")
GROUP = "xueshi_rules"
ASIDE = ".aside"  # what Python does not import
SETUP = """
import sys
from mypyc.build import mypycify
from setuptools import setup
group, work, *files = sys.argv[1:]
setup(name=group, packages=[], py_modules=[],
      ext_modules=mypycify(["--strict", *files], group_name=group, target_dir=work),
      script_args=["--quiet", "build_ext", "--inplace", "--build-temp", work, "--build-lib", work])
"""


class CompileError(Exception):
    """mypyc or the C compiler refuses."""


def compile_rules(root: Path = ROOT) -> list[Path]:
    """Compile the modules beside their sources; the files that this made.

    Raises:
        CompileError: with what the compiler says.
    """
    remove(root)
    files = [f"pipeline/rules/{name}.py" for name in MODULES]
    with tempfile.TemporaryDirectory() as work:
        done = subprocess.run([sys.executable, "-c", SETUP, GROUP, work, *files], cwd=root,
                              capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompileError(f"{done.stdout}{done.stderr}")
    return compiled(root)


def compiled(root: Path = ROOT, end: str = ".so") -> list[Path]:
    """The compiled files that are there."""
    return [*root.glob(f"{GROUP}__mypyc.*{end}"), *(root / "pipeline" / "rules").glob(f"*{end}")]


def put_aside(root: Path = ROOT) -> None:
    """Back to the sources, until `bring_back`."""
    for path in compiled(root):
        path.rename(path.with_name(path.name + ASIDE))


def bring_back(root: Path = ROOT) -> bool:
    """Undo `put_aside`; whether all is compiled, of sources as they are."""
    for path in compiled(root, ASIDE):
        path.rename(path.with_suffix(""))
    made = [path.stat().st_mtime for path in compiled(root)]
    sources = [root / "pipeline" / "rules" / f"{name}.py" for name in MODULES]
    return len(made) == len(MODULES) + 1 and min(made) > max(
        path.stat().st_mtime for path in sources)


def remove(root: Path = ROOT) -> None:
    """Away with all that was compiled."""
    for path in [*compiled(root), *compiled(root, ASIDE)]:
        path.unlink()


def can_compile() -> bool:
    """Whether mypyc and a C compiler are at hand."""
    tools = all(find_spec(name) for name in ("mypyc", "setuptools"))
    return tools and any(shutil.which(name) for name in ("cc", "gcc", "clang"))


class CompileRules(BuildHookInterface):  # type: ignore[type-arg,misc]  # hatchling has no types here
    """What hatchling calls before it builds a wheel, an editable one included."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; into a wheel that is not editable, put what was made."""
        if not can_compile():
            self.app.display_warning("no mypyc or no C compiler: the rules run as Python")
            return
        made = compile_rules(Path(self.root))
        if version != "editable":
            build_data["pure_python"], build_data["infer_tag"] = False, True
            build_data["force_include"].update(
                {str(path): str(path.relative_to(self.root)) for path in made})


if __name__ == "__main__":
    if sys.argv[1:] == ["--aside"]:
        put_aside()
    elif not bring_back() and can_compile():
        compile_rules()
