"""One evening at the demo's website, for all tests of a module."""

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from pipeline.broker import topics
from pipeline.settings import Settings
from tests.site.evening import Evening, keys, spend
from tests.site.running import READY, Up, require_nothing_left, settings_in, start


@dataclass
class Spent:
    """The evening, and the run that it was spent with, which goes on."""

    up: Up
    evening: Evening


@pytest.fixture(scope="module")
def spent(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spent]:
    folder = tmp_path_factory.mktemp("up")
    settings = settings_in(folder, kafka)
    up = start(settings, folder / "said")
    spent = Spent(up, Evening(settings, ""))
    try:
        said = up.wait_for(READY)
        spent.evening = Evening(_of_the_run(up), _password(said))
        spend(spent.evening)
        yield spent
    finally:
        spent.up.popen.send_signal(signal.SIGTERM)
        spent.up.popen.wait()
        require_nothing_left(folder)
        topics.delete(kafka, settings.topic_prefix)


def _of_the_run(up: Up) -> Settings:
    told = up.settings.model_copy(update={"var_dir": up.settings.var_dir / "up"})
    return told.model_copy(update={name: SecretStr(key) for name, key in keys(told).items()})


def _password(said: str) -> str:
    found = re.search(r"password (\S+) \(shown this once\)", said)
    assert found, said
    return found[1]
