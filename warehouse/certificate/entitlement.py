"""Rule 23: when a certificate is due. The same in SQL: queries/certificate_due.sql."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def due_at(completed_at: int | None, verified: bool, verified_at: int | None) -> int | None:
    """Since when (epoch ms) a certificate is due, None while none is: completed and verified, in
    either order, so the later of the two moments. It may come after the window closed; it is
    gone as soon as either is taken back (rules 13, 22, 23).
    """
    if completed_at is None or verified_at is None or not verified:
        return None
    return max(completed_at, verified_at)


def day_of(moment: int) -> date:
    """The day in China of the moment (epoch ms), which a certificate bears."""
    return datetime.fromtimestamp(moment // 1000, BEIJING).date()
