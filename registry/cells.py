"""From the text of a cell to a value; each raises ValueError with what it must be."""

import re
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
YES = {"是", "1", "true", "yes", "已注册", "已报名", "通过", "已通过", "审核通过", "已认证"}
NO = {"否", "0", "false", "no", "未注册", "不通过", "未通过", "审核不通过", "未认证", "撤销"}
DATE = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


def text(cell: str) -> str:
    return cell


def yes_no(cell: str) -> bool:
    """是 or 否, in the ways platforms write it."""
    if cell.lower() in YES:
        return True
    if cell.lower() in NO:
        return False
    raise ValueError(f"must be 是 or 否, not {cell!r}")


def moment(cell: str) -> int:
    """A date, or a date with a time, of Asia/Shanghai; epoch milliseconds."""
    # 2023/7/1, as Excel shows it
    padded = DATE.sub(lambda m: f"{m[1]}-{m[2]:0>2}-{m[3]:0>2}", cell)
    try:
        found = datetime.fromisoformat(padded)
    except ValueError:
        raise ValueError(f"must be like 2023-07-20 or 2023-07-20 08:30, not {cell!r}") from None
    return int(found.replace(tzinfo=found.tzinfo or SHANGHAI).timestamp() * 1000)


def hours(cell: str) -> Fraction:
    """A number of 学时, exact."""
    try:
        found = Fraction(cell)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"must be a number of 学时 like 2 or 1.5, not {cell!r}") from None
    if found < 0:
        raise ValueError(f"must not be below 0, as {cell} is")
    return found
