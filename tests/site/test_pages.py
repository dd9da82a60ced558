"""The website by itself: films in pieces, who may ask for what, and the keys of `xueshi up`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from demo.errors import DemoError
from demo.site.app import create_site
from demo.site.films import Films
from demo.up.keys import kept_keys
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings

FILM = bytes(range(256)) * 8
HERE = "http://127.0.0.1:8740"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(var_dir=tmp_path, platform_key=SecretStr("k" * 16), collector_port=9,
                        learner_port=9, worker_port=9)
    catalogue = load_catalogue(Path(__file__).with_name("programme"))
    films = Films(tmp_path)
    films.path(catalogue.resources["plain"]).write_bytes(FILM)
    app = create_site(settings, catalogue, films, lambda: 0)
    with TestClient(app, HERE, follow_redirects=False) as client:
        yield client


def enter(client: TestClient, teacher: str, origin: str = HERE) -> int:
    return client.post("/enter", data={"teacher": teacher}, headers={"Origin": origin}).status_code


def test_a_film_is_sent_in_the_pieces_that_are_asked_for(client: TestClient) -> None:
    piece = client.get("/films/plain", headers={"Range": "bytes=100-199"})
    assert (piece.status_code, piece.content) == (206, FILM[100:200])
    assert piece.headers["content-range"] == f"bytes 100-199/{len(FILM)}"
    assert client.get("/films/plain", headers={"Range": "bytes=2000-"}).content == FILM[2000:]
    assert client.get("/films/plain").headers["accept-ranges"] == "bytes"
    assert client.get("/films/plain", headers={"Range": "bytes=9999-"}).status_code == 416


def test_only_its_own_pages_choose_a_teacher_and_open_plays(client: TestClient) -> None:
    assert client.get("/watch/plain").status_code == 403
    assert enter(client, "demo-01", "http://127.0.0.1:8741") == 403
    assert enter(client, "nobody") == enter(client, "demo-09") == 404  # demo-09: not registered
    assert enter(client, "demo-01") == 303
    assert client.get("/watch/plain").status_code == 200
    assert client.post("/plays/plain").status_code == 403
    assert client.get("/watch/none").status_code == 404


def test_without_the_collector_the_page_says_so(client: TestClient) -> None:
    enter(client, "demo-01")
    assert client.post("/plays/plain", headers={"Origin": HERE}).status_code == 503
    assert client.get("/hours").status_code == 503


def test_no_other_name_leads_here_and_nothing_comes_from_elsewhere(client: TestClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    enter(client, "demo-01")
    policy = client.get("/watch/plain").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("media-src 'self'; connect-src 'self' http://127.0.0.1:9")


def test_keys_are_made_once_and_are_their_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = kept_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept_keys(path) == made
    assert len({key.get_secret_value() for key in made.values()}) == 3
    path.write_text('{"platform_key": "short"}')
    with pytest.raises(DemoError, match="take it away"):
        kept_keys(path)
