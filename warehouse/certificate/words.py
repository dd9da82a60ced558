"""How hours, days and moments are written in Chinese."""

from datetime import date, datetime
from fractions import Fraction

from warehouse.certificate.entitlement import BEIJING


def chinese_hours(hours: Fraction) -> str:
    """Exact hours as they are written: 10学时, 7.5学时, 2又1/3学时."""
    whole, rest = divmod(hours, 1)
    if not rest:
        return f"{whole}学时"
    if 1000 % rest.denominator == 0:
        decimals = f"{int(rest * 1000):03}".rstrip("0")
        return f"{whole}.{decimals}学时"
    return f"{whole}又{rest}学时" if whole else f"{rest}学时"


def chinese_day(day: date) -> str:
    """2023年7月20日."""
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_moment(moment: int) -> str:
    """2023年7月20日 12:00:00, from epoch ms, by China's clock."""
    local = datetime.fromtimestamp(moment // 1000, BEIJING)
    return f"{chinese_day(local.date())} {local:%H:%M:%S}"
