"""Two ways to fetch jars by their Maven coordinates: the jgo library, else `mvn`."""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Coordinates = tuple[str, str, str]
"""(group, artifact, version) of a jar."""

PATIENCE_S = 30  # between two bytes; the library's own 10 s is short for a slow line
MVN_PATIENCE_S = 900


class NoWayError(Exception):
    """Neither way got through; the message says why, a clause for each."""


def fetch(
    jars: Sequence[Coordinates], into: Path,
    repositories: Mapping[str, str] | None, progress: Callable[[int, int], None],
) -> list[Path]:
    """Paths of the fetched jars under `into`, in the order asked for; not verified yet.

    Raises:
        NoWayError: some jar could not be had, neither by jgo nor by mvn.
    """
    try:
        return _by_jgo(jars, into / "jgo", repositories, progress)
    except (OSError, RuntimeError) as error:  # all that the library and requests raise
        return _by_mvn(jars, into / "mvn", why_not_jgo=f"directly: {_brief(error)}")


def _by_jgo(
    jars: Sequence[Coordinates], into: Path,
    repositories: Mapping[str, str] | None, progress: Callable[[int, int], None],
) -> list[Path]:
    from jgo.maven import MavenContext  # noqa: PLC0415  # a tenth of each start; one needs it

    remote = dict(repositories) if repositories else None
    context = MavenContext(repo_cache=into, remote_repos=remote, timeout=PATIENCE_S)
    paths = []
    for group, artifact, version in jars:
        paths.append(context.project(group, artifact).at_version(version).artifact().resolve())
        progress(len(paths), len(jars))
    return paths


def _by_mvn(jars: Sequence[Coordinates], into: Path, why_not_jgo: str) -> list[Path]:
    mvn = shutil.which("mvn")
    if mvn is None:
        raise NoWayError(f"{why_not_jgo}; by mvn: it is not installed")
    into.mkdir()
    (into / "pom.xml").write_text(_pom(jars), "utf-8")
    failure = _run_mvn(mvn, into)
    if failure:
        raise NoWayError(f"{why_not_jgo}; by mvn: {failure}")
    return [into / f"{artifact}-{version}.jar" for _group, artifact, version in jars]


def _run_mvn(mvn: str, folder: Path) -> str | None:
    """Copy the jars that the pom in `folder` names there; what went wrong, if anything."""
    command = [mvn, "--quiet", "--batch-mode", "dependency:copy-dependencies",
               "-DexcludeTransitive=true", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=MVN_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not done after {MVN_PATIENCE_S} s"
    return _first_error(done.stdout) if done.returncode else None


def _pom(jars: Sequence[Coordinates]) -> str:
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version></dependency>\n"
        for group, artifact, version in jars
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>xueshi</groupId>"
        "<artifactId>kafka</artifactId><version>1</version>\n"
        f"<dependencies>\n{dependencies}</dependencies></project>\n"
    )


def _first_error(output: str) -> str:
    lines = [line for line in output.splitlines() if "ERROR" in line]
    return _brief(lines[0] if lines else "no reason given")


def _brief(reason: object) -> str:
    return " ".join(str(reason).split())[:300]
