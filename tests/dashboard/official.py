"""Beijing and Guangzhou with sixty teachers, and the accounts of those who answer for them."""

from collections.abc import Iterator

from pipeline.schemas.base import Record
from pipeline.settings import Settings
from tests.dashboard.publishing import STEPS, publish
from tests.warehouse.helpers import (
    DAY,
    NOON,
    Log,
    Sent,
    region,
    school,
    story,
    teacher,
    verified,
)
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.accounts import editing, made

PASSWORD = "seven geese cross a river"
ACCOUNTS = (
    Account("beijing", "110000", True, True),       # sees names and may use the SQL box
    Account("dongcheng", "110101", False, False),
    Account("country", "000000", False, False),
)
REGIONS = {"110000": "北京市", "110100": "市辖区", "110101": "东城区", "110102": "西城区",
           "440000": "广东省", "440100": "广州市", "440103": "荔湾区"}
SCHOOLS = {"bj1": ("110101", "东城区第一小学"), "bj2": ("110101", "东城区第二中学"),
           "bj3": ("110102", "西城区实验学校"), "bj9": ("110101", "其他"),
           "gz1": ("440103", "荔湾区第一小学")}
FAMILY = "王李张刘陈杨黄赵吴周徐孙"
GIVEN = ("敏", "建华", "静", "志强", "丽娟", "伟", "晓东")
OF_BJ1 = 45
AT = {"bj1": range(OF_BJ1), "bj2": range(45, 52), "bj3": range(52, 57), "bj9": range(57, 59),
      "gz1": range(59, 62)}


def publish_official(settings: Settings) -> None:
    """Publish the country, and write the accounts file."""
    publish(settings, list(_records()), NOON)
    with editing(settings.accounts_path) as all_:
        all_.update({account.name: made(account, PASSWORD) for account in ACCOUNTS})


def name(number: int) -> str:
    return FAMILY[number % len(FAMILY)] + GIVEN[number % len(GIVEN)]


def _records() -> Iterator[Sent]:
    log = Log()
    yield from log.roster(
        *(region(code, called) for code, called in REGIONS.items()),
        *(school(id_, at, called) for id_, (at, called) in SCHOOLS.items()),
        *(teacher(f"t{number:03}", id_, name=name(number), stage="小学", subject="语文",
                  registered=number % 13 > 0) for id_, numbers in AT.items() for number in numbers),
        *(verified(f"t{number:03}") for number in range(62) if number % 5))
    yield from log.ledger(*(one for number in range(62) for one in _story(number)))


def _story(number: int) -> list[Record]:
    """Every seventh has not begun; most have completed, on different days."""
    steps = STEPS[:(0, 1, 3, 6, 6, 6, 6)[number % 7]]
    return list(story(f"t{number:03}", *steps, at=NOON - number % 6 * DAY))
