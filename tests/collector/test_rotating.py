"""Secrets change round by round (docs/how-to/secure.md), and no player notices."""

import asyncio

import pytest
from pydantic import SecretStr

from pipeline.rules.programme import Catalogue
from pipeline.settings import SettingMissingError, Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import KEY, NOW, Client, serving

OLD, NEW = "the-old-secret-of-the-tests-0123456789", "the-new-secret-of-the-tests-0123456789"
OLD_KEY, NEW_KEY = KEY, "new-platform-key-of-the-tests"


def told(secret: str, previous: str | None = None) -> Settings:
    """A collector's settings in one round, both for tokens and the platform's key."""
    keys = {OLD: OLD_KEY, NEW: NEW_KEY}
    return Settings(
        partitions=4, token_secret=SecretStr(secret), platform_key=SecretStr(keys[secret]),
        token_secret_previous=SecretStr(previous) if previous else None,
        platform_key_previous=SecretStr(keys[previous]) if previous else None)


ROUNDS = {"before": told(OLD), "1": told(OLD, NEW), "2": told(NEW, OLD), "3": told(NEW)}


async def _opened(catalogue: Catalogue, settings: Settings, key: str) -> tuple[int, str]:
    async with serving(settings, catalogue, Memory(settings)) as client:
        response = await client.http.post(
            "/v1/plays", headers={"Authorization": f"Bearer {key}"},
            json={"teacher_id": hostile.TEACHER, "resource_id": hostile.RESOURCE})
        return response.status_code, response.json().get("token", "")


async def _posted(catalogue: Catalogue, settings: Settings, token: str) -> int:
    async with serving(settings, catalogue, Memory(settings)) as client:
        return await _post(client, token)


async def _post(client: Client, token: str) -> int:
    beat = b'{"events":[{"type":"heartbeat","seq":1,"from":0.0,"to":1.0,"rate":1.0}]}'
    return (await client.post(token, beat)).status_code


NEIGHBOURS = [("before", "1"), ("1", "2"), ("2", "3")]


@pytest.mark.parametrize(("one", "next_"), NEIGHBOURS)
def test_rule_18_while_a_round_goes_through_every_collector_knows_every_token(
    one: str, next_: str, catalogue: Catalogue
) -> None:
    """But for those of the old secret in round 3, which by then have expired."""
    for opened, asked in ((one, next_), (next_, one)):
        key = OLD_KEY if one != "2" else NEW_KEY
        status, token = asyncio.run(_opened(catalogue, ROUNDS[opened], key))
        assert status == 201
        assert asyncio.run(_posted(catalogue, ROUNDS[asked], token)) == 202


def test_rule_18_the_old_secret_is_good_until_it_is_taken_away(catalogue: Catalogue) -> None:
    _, old = asyncio.run(_opened(catalogue, ROUNDS["before"], OLD_KEY))
    _, new = asyncio.run(_opened(catalogue, ROUNDS["2"], NEW_KEY))
    answers = {name: (asyncio.run(_posted(catalogue, settings, old)),
                      asyncio.run(_posted(catalogue, settings, new)))
               for name, settings in ROUNDS.items()}
    assert answers == {"before": (202, 401), "1": (202, 202), "2": (202, 202), "3": (401, 202)}


def test_both_keys_of_the_platform_are_good_until_the_old_one_is_taken_away(
    catalogue: Catalogue
) -> None:
    answers = {name: tuple(asyncio.run(_opened(catalogue, settings, key))[0]
                           for key in (OLD_KEY, NEW_KEY, "another-key-of-the-tests"))
               for name, settings in ROUNDS.items()}
    assert answers == {"before": (201, 401, 401), "1": (201, 201, 401), "2": (201, 201, 401),
                       "3": (401, 201, 401)}


def test_rule_18_an_old_token_expires_as_a_new_one(catalogue: Catalogue) -> None:
    async def both() -> list[int]:
        first, second = (ROUNDS[name].model_copy(update={"simulation": True})
                         for name in ("before", "2"))
        async with serving(first, catalogue, Memory(first)) as client:
            token = (await client.open(at=NOW))["token"]
        later = NOW + 13 * 3_600_000
        async with serving(second, catalogue, Memory(second)) as client:
            return [(await client.post(token, b"{}", at=at)).status_code for at in (NOW, later)]

    assert asyncio.run(both()) == [422, 401]


def test_a_previous_secret_alone_is_no_secret() -> None:
    settings = Settings(token_secret_previous=SecretStr(OLD))
    with pytest.raises(SettingMissingError, match="XUESHI_TOKEN_SECRET"):
        settings.secrets("token_secret")
