"""The accounts file, passwords, throttling, and `xueshi accounts`."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.settings import Settings
from tests.dashboard.access.serving import NOON, Clock, Site
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.accounts import Accounts, editing, made, read
from warehouse.dashboard.access.audit import AccessLog
from warehouse.dashboard.access.cli import accounts
from warehouse.dashboard.access.passwords import fits, hashed, objection
from warehouse.dashboard.access.private import new_private
from warehouse.dashboard.access.sessions import MOST_PENDING, Sessions
from warehouse.dashboard.access.throttle import PLACES, Throttle
from warehouse.errors import WarehouseError

GOOD = "seven geese cross a river"
COMMAND = [sys.executable, "-c", "from warehouse.dashboard.access.cli import accounts; accounts()"]


def xueshi(settings: Settings, *arguments: str, said: str | None = None) -> Result:
    return CliRunner().invoke(
        accounts, arguments, input=said, env={"XUESHI_VAR_DIR": str(settings.var_dir)})


def add(settings: Settings, name: str, *more: str) -> str:
    return xueshi(settings, "add", name, "--region", "110000", *more, "--password-stdin",
                  said=GOOD + "\n").output


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path)


def test_an_account_from_the_cradle_to_the_grave(empty: Settings) -> None:
    assert add(empty, "bj", "--sees-names") == "added bj\n"
    path = empty.accounts_path
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    first = read(path)["bj"]
    assert first.account == Account("bj", "110000", True, False)
    assert GOOD not in path.read_text()
    assert first.password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    listed = xueshi(empty, "list").stdout
    assert "bj" in listed
    assert "argon2" not in listed
    new = "six swans over hills"
    assert xueshi(empty, "passwd", "bj", "--password-stdin", said=new).exit_code == 0
    assert fits(new, read(path)["bj"].password)
    assert xueshi(empty, "disable", "bj").exit_code == 0
    assert "disabled" in xueshi(empty, "list").stdout
    assert Accounts(path).find("bj") is None
    assert xueshi(empty, "enable", "bj").exit_code == 0
    assert Accounts(path).find("bj") is not None
    assert xueshi(empty, "remove", "bj").exit_code == 0
    assert read(path) == {}


@pytest.mark.parametrize(("arguments", "said"), [
    (("add", "bj", "--region", "110000", "--password-stdin"), "there is an account bj already"),
    (("add", "BJ", "--region", "110000", "--password-stdin"), "is no account name"),
    (("add", "sso:bj", "--region", "110000", "--password-stdin"), "is no account name"),
    (("add", "x1", "--region", "110", "--password-stdin"), "is no region code"),
    (("add", "x1", "--region", "119999", "--password-stdin"), "is not in"),
    (("passwd", "nobody", "--password-stdin"), "there is no account nobody"),
    (("disable", "nobody"), "there is no account nobody"),
    (("remove", "nobody"), "there is no account nobody"),
])
def test_what_cannot_be_done_is_one_line(
    empty: Settings, arguments: Sequence[str], said: str
) -> None:
    add(empty, "bj")
    done = xueshi(empty, *arguments, said=GOOD)
    assert done.exit_code == 1
    assert said in done.stderr.splitlines()[-1]
    assert done.stderr.startswith("Error: ")


def test_a_password_is_asked_for_twice_and_never_shown(empty: Settings) -> None:
    """On a terminal; the command line takes none at all."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "add", "bj", "--region", "110000"], stdin=child, stdout=child, stderr=child,
        env={**os.environ, "XUESHI_VAR_DIR": str(empty.var_dir)}, start_new_session=True)
    os.close(child)
    shown = b""
    for _ in range(2):
        while b":" not in shown.rpartition(b"\n")[2]:
            shown += os.read(parent, 1024)
        time.sleep(0.1)
        os.write(parent, GOOD.encode() + b"\n")
        shown += b"\n"
    assert process.wait(timeout=60) == 0
    os.close(parent)
    assert b"geese" not in shown
    assert fits(GOOD, read(empty.accounts_path)["bj"].password)
    assert "--password " not in xueshi(empty, "add", "--help").stdout


@pytest.mark.parametrize("weak", [
    "", "short", "elevenchars", "x" * 257, "passwordpassword", "Password1234!", "123456789012",
    "098765432109876", "aaaaaaaaaaaaaa", "abababababababab", "qwertyuiop[]", "QWERTYUIOPASDF",
    "bureaubureau12", "xueshi2023!!!", "Summer2023!!", "教育局教育局教育局教育局", "woaini5201314",
    "1qaz2wsx3edc", "abcdefghijklmnop", "Ｐａｓｓｗｏｒｄ１２３４",
])
def test_weak_passwords_are_refused(weak: str) -> None:
    assert objection(weak, "bureau") is not None


@pytest.mark.parametrize("good", [
    GOOD, "correct horse battery staple", "Kq7-tezt-9vLpz", "七只大鹅慢慢地走过了那条河",
    " " * 4 + "a b c d e f", "x7#mQ2$kL9@p", "p" + "áéíóúñç" * 2 + "qwz",
])
def test_good_passwords_need_no_recipe(good: str) -> None:
    assert objection(good, "bureau") is None


def test_a_password_fits_however_it_was_typed() -> None:
    assert fits("ｓｅｖｅｎ geese cross a river", hashed(GOOD))
    assert not fits("seven geese cross a rivet", hashed(GOOD))
    assert not fits(GOOD, "$argon2id$broken")


BROKEN = {
    "no JSON": ("{", ":2: "), "another key": ('{"nme": "x"}', ":2: "),
    "no hash": (json.dumps({"name": "bb", "region": "110000", "sees_names": True,
                            "may_query": True, "password": "plain"}), ":2: password"),
    "no region": (json.dumps({"name": "bb", "region": "110001", "sees_names": True,
                              "may_query": True, "password": "$argon2id$"}), ":2: '110001'"),
    "not true or false": (json.dumps({"name": "bb", "region": "110000", "sees_names": "no",
                                      "may_query": True, "password": "$argon2id$"}),
                          ":2: sees_names"),
}


@pytest.mark.parametrize(("line", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_said_by_its_line(empty: Settings, line: str, said: str) -> None:
    add(empty, "bj")
    with empty.accounts_path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(WarehouseError, match="accounts.jsonl" + said):
        read(empty.accounts_path)
    assert "plain" not in xueshi(empty, "list").stderr


def test_an_account_that_is_there_twice_is_none(empty: Settings) -> None:
    add(empty, "bj")
    text = empty.accounts_path.read_text()
    empty.accounts_path.write_text(text * 2)
    with pytest.raises(WarehouseError, match="twice"):
        read(empty.accounts_path)


def test_what_a_crash_left_lends_its_rights_to_no_file(empty: Settings) -> None:
    left = empty.accounts_path.with_name(".accounts.jsonl.tmp")
    left.parent.mkdir(parents=True)
    left.write_text("half a li")
    left.chmod(0o644)
    with pytest.raises(FileExistsError):
        new_private(str(left), os.O_WRONLY | os.O_CREAT)
    assert add(empty, "bj") == "added bj\n"
    assert empty.accounts_path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602, 0o660])
def test_a_file_that_others_may_open_is_refused(empty: Settings, mode: int) -> None:
    add(empty, "bj")
    empty.accounts_path.chmod(mode)
    with pytest.raises(WarehouseError, match="chmod 600"):
        read(empty.accounts_path)
    assert "chmod 600" in xueshi(empty, "list").stderr


def test_a_failed_change_changes_nothing(empty: Settings) -> None:
    add(empty, "bj")
    before = empty.accounts_path.read_bytes()
    with pytest.raises(KeyError), editing(empty.accounts_path) as all_:
        del all_["bj"], all_["nobody"]
    assert empty.accounts_path.read_bytes() == before
    assert {path.name for path in empty.accounts_path.parent.iterdir()} == {
        "accounts.jsonl", "accounts.lock"}


def test_two_cannot_change_it_at_once(empty: Settings) -> None:
    with editing(empty.accounts_path) as all_:
        all_["x1"] = made(Account("x1", "110000", False, False), GOOD)
        assert "another command" in add(empty, "bj")
    assert set(read(empty.accounts_path)) == {"x1"}


@pytest.mark.parametrize("command", ["disable", "remove", "signout"])
def test_commands_end_sessions_at_once(site: Site, command: str) -> None:
    first, second, other = site.signed_in("bj"), site.signed_in("bj"), site.signed_in("gd")
    assert xueshi(site.settings, command, "bj").stdout == "2 sessions of bj ended\n"
    for browser in (first, second):
        assert browser.get("/password").status_code == 303
    assert other.get("/password").status_code == 200


def test_the_log_can_be_read_by_command(site: Site) -> None:
    browser = site.signed_in("bj")
    browser.get("/regions/110000/teachers.csv")
    site.signed_in("gd").get("/regions/440000")
    day = ("--day", "2023-07-21")
    table = xueshi(site.settings, "audit", *day).stdout
    assert "/regions/440000" in table
    assert "download" in table
    mine = xueshi(site.settings, "audit", *day, "--who", "bj", "--format", "json").stdout
    told = [json.loads(line) for line in mine.splitlines()]
    assert [line["event"] for line in told] == ["signed_in", "download", "sent"]
    one = xueshi(site.settings, "audit", *day, "--event", "download").stdout
    assert "/regions/440000" not in one
    assert "there are days from 2023-07-21" in xueshi(site.settings, "audit").stderr


def test_guesses_cost_tokens_and_time_brings_them_back() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(5):
        assert throttle.attempt("bj", "1.1.1.1") == 0
    assert throttle.attempt("bj", "1.1.1.1") == 30_000
    assert throttle.attempt("bj", "1.1.1.1") == 30_000  # being told so costs nothing
    assert throttle.attempt("bj", "2.2.2.2") == 0
    clock.now += 30_000
    assert throttle.attempt("bj", "1.1.1.1") == 0
    assert throttle.attempt("bj", "1.1.1.1") == 30_000


def test_many_addresses_together_guess_one_account_no_faster() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    let_in = sum(throttle.attempt("bj", f"10.0.{n // 250}.{n % 250}") == 0 for n in range(500))
    assert 40 <= let_in <= 50  # two addresses may share a place
    clock.now += 24 * 3_600_000
    let_in = sum(throttle.attempt("bj", f"10.1.{n // 250}.{n % 250}") == 0 for n in range(500))
    assert let_in <= 50


def test_one_address_guesses_many_accounts_no_faster() -> None:
    throttle = Throttle(Clock())
    assert sum(throttle.attempt(f"a{n}", "1.1.1.1") == 0 for n in range(200)) <= 30


@pytest.mark.parametrize("addresses", [
    [f"2001:db8:1:2::{n:x}" for n in range(20)], ["::ffff:1.2.3.4", "1.2.3.4"] * 5])
def test_an_address_has_one_name(addresses: list[str]) -> None:
    throttle = Throttle(Clock())
    assert sum(throttle.attempt("bj", address) == 0 for address in addresses) == 5
    assert throttle.attempt("bj", "2001:db8:1:3::1") == 0


def test_the_throttles_memory_is_fixed() -> None:
    throttle = Throttle(Clock())
    for n in range(3 * PLACES):
        throttle.attempt(f"name-{n}", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    held = [buckets._full_at for buckets in
            (throttle._pairs, throttle._accounts, throttle._addresses)]
    assert [len(places) for places in held] == [PLACES] * 3


def test_sign_ins_under_way_are_bounded(empty: Settings) -> None:
    clock = Clock()
    sessions = Sessions(empty.sessions_path, clock, 1, 1)
    import warehouse.dashboard.access.sessions as module
    assert MOST_PENDING == 10_000
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "MOST_PENDING", 5)
        for n in range(12):
            clock.now += 1
            sessions.put_pending(f"t{n}", {"n": n})
    left = [n for n in range(12) if sessions.take_pending(f"t{n}")]
    assert left == [7, 8, 9, 10, 11]


def test_the_access_log_is_not_led_astray_by_a_link(empty: Settings) -> None:
    log = AccessLog(empty.access_log_dir, lambda: NOON)
    log.write(event="read")
    (file,) = empty.access_log_dir.iterdir()
    file.unlink()
    file.symlink_to(empty.var_dir / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        log.write(event="read")
    assert not (empty.var_dir / "elsewhere").exists()
