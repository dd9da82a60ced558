"""What a page says while publications come, change, break, or are not there yet."""

import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import Settings
from tests.dashboard.page import Page
from tests.dashboard.publishing import publish
from tests.dashboard.serving import account, browsing
from tests.warehouse.helpers import DAY, NOON, Log, snapshot_of, teacher
from warehouse.dashboard import edition
from warehouse.dashboard.door import open_for
from warehouse.dashboard.shelf import MOST_OPEN, Days
from warehouse.manifest import manifest_path, read_manifest
from warehouse.publisher import publish_once
from warehouse.reader import verified


def file_of(settings: Settings, region: str) -> Path:
    file = read_manifest(settings.published_dir).file(region)
    assert file is not None
    return settings.published_dir / file.name


def one_more(settings: Settings, at: int) -> None:
    """Publish the same country with one more teacher in bj1."""
    publish(settings, Log(start=at // DAY).roster(teacher(f"new{at // DAY}", "bj1")), at)


def test_before_the_first_publication_a_page_says_so_and_then_shows_it(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    with browsing(tmp_path, "000000") as client:
        answer = client.get("/regions/000000")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert "尚未发布数据" in answer.text
        publish(settings, [])
        page = Page(client.get("/regions/000000").text)
    assert page.tables["funnel"].column("count") == ["0"] * 7
    assert page.tables["funnel"].column("rate") == [""] * 7
    assert "还没有任何学习记录" in page.text


def test_a_new_publication_is_shown_at_once(own: Settings) -> None:
    with browsing(own.var_dir, "110101") as client:
        before = Page(client.get("/regions/110101").text)
        one_more(own, NOON + DAY)
        after = Page(client.get("/regions/110101").text)
    assert [p.tables["funnel"].column("count")[0] for p in (before, after)] == ["4", "5"]
    assert "2023-07-20 12:00:00" in before.text
    assert "20230720T120000-000001" in before.text
    assert "2023-07-21 12:00:00" in after.text
    assert "20230721T120000-000002" in after.text
    assert "2023-07-20" not in after.text.replace("2023-07-20\n", "")


@pytest.mark.parametrize("region", ["110000", "110101"])
def test_a_page_that_is_being_made_stays_with_its_publication(
    own: Settings, region: str
) -> None:
    settings = Settings(var_dir=own.var_dir, keep_publications=1)
    days = Days(own.published_dir)
    reading = open_for(account(region), days)
    old = file_of(own, "110000")
    one_more(settings, NOON + DAY)
    assert not old.exists()
    assert open_for(account(region), days).manifest.sequence == 2
    count = "SELECT count(*) FROM teachers WHERE school_id = 'bj1'"
    assert reading.db.execute(count).fetchone() == (3,)
    assert open_for(account(region), days).db.execute(count).fetchone() == (4,)


def test_a_download_that_began_ends_with_its_publication(own: Settings) -> None:
    settings = Settings(var_dir=own.var_dir, keep_publications=1)
    with browsing(own.var_dir, "110000") as client, client.stream(
            "GET", "/regions/110000/teachers.csv") as answer:
        one_more(settings, NOON + DAY)
        text = b"".join(answer.iter_bytes()).decode()
    assert "2023-07-20 12:00:00" in text
    assert "new" not in text


def test_a_file_is_summed_once_for_many_pages(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    summed: list[str] = []

    def counting(path: Path, file: Any) -> Path:
        summed.append(path.name.split("-")[0])
        return verified(path, file)

    monkeypatch.setattr(edition, "verified", counting)
    with browsing(own.var_dir, "110000") as client:
        for _ in range(3):
            assert client.get("/regions/110000").status_code == 200
            assert client.get("/schools/bj1").status_code == 200
        assert summed == ["110000"]
        file_of(own, "110000").touch()
        assert client.get("/regions/110000").status_code == 200
        assert summed == ["110000", "110000"]


def damaged(settings: Settings) -> None:
    with file_of(settings, "110000").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x7f")


def missing(settings: Settings) -> None:
    file_of(settings, "110000").unlink()


def emptied(settings: Settings) -> None:
    file_of(settings, "110000").write_bytes(b"")


def broken_manifest(settings: Settings) -> None:
    manifest_path(settings.published_dir).write_text("{")


@pytest.mark.parametrize("breaks", [damaged, missing, emptied, broken_manifest])
@pytest.mark.parametrize("opened_before", [True, False])
def test_a_damaged_file_is_never_shown(
    own: Settings, breaks: Any, opened_before: bool
) -> None:
    with browsing(own.var_dir, "110000") as client:
        if opened_before:
            assert client.get("/regions/110000").status_code == 200
        breaks(own)
        for path in ("/regions/110000", "/regions/110000/funnel.csv", "/teachers/ann"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert "数据文件损坏" in answer.text
            assert str(own.var_dir) not in answer.text
        one_more(own, NOON + DAY)
        assert client.get("/regions/110000").status_code == 200


def test_what_is_damaged_for_one_is_not_for_others(own: Settings) -> None:
    damaged(own)
    with browsing(own.var_dir, "440000") as client:
        assert client.get("/regions/440000").status_code == 200


def test_only_so_many_editions_stay_open(own: Settings) -> None:
    days = Days(own.published_dir)
    first = open_for(account("110101"), days)
    for number in range(MOST_OPEN):
        open_for(account(f"11{number // 90 + 1:02}{number % 90 + 10}"), days)
    again = open_for(account("110101"), days)
    assert again.edition is not first.edition
    assert first.db.execute("SELECT count(*) FROM teachers").fetchone() == (4,)


def test_an_unknown_programme_is_told_with_those_there_are(own: Settings) -> None:
    with browsing(own.var_dir, "110000") as client:
        answer = client.get("/regions/110000?programme=winter")
    assert answer.status_code == 404
    assert "没有这个专题。已发布：暑期研修。" in answer.text


def test_a_folder_of_an_older_publication_alone_is_enough(own: Settings) -> None:
    """No loader, no warehouse: published files are all that is read."""
    for path in (own.warehouse_path, own.snapshot_path):
        path.unlink()
    with browsing(own.var_dir, "110000") as client:
        assert client.get("/regions/110000").status_code == 200


def test_a_snapshot_without_a_publication_shows_nothing_of_it(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    snapshot_of(settings, [])
    publish_once(settings)
    snapshot_of(settings, Log().roster(teacher("ann", "bj1")), NOON + 2 * DAY)
    with browsing(tmp_path, "000000") as client:
        assert Page(client.get("/regions/000000").text).tables["funnel"].column("count")[0] == "0"


def test_names_that_were_changed_are_not_shown(own: Settings) -> None:
    [path] = own.published_dir.glob("names-*.duckdb")
    path.unlink()
    path.write_bytes(b"damaged")
    with browsing(own.var_dir, "110000", sees_names=True) as client:
        assert client.get("/regions/110000").status_code == 503
    with browsing(own.var_dir, "110000") as client:  # who sees none needs them not
        assert client.get("/regions/110000").status_code == 200
