"""A country of seven teachers, made by hand: what each place's report must say is written
out in test_report.py."""

from pipeline.schemas.base import Record
from tests.warehouse.helpers import Log, Sent, region, school, story, teacher, verified

ALL = (("learned", "ideals", 5400, 5400), ("learned", "cases", 3000, 2700))

REGIONS = (
    region("110000", "北京市"), region("110100", "市辖区"), region("110101", "东城区"),
    region("110102", "西城区"), region("440000", "广东省"), region("441900", "东莞市"),
)
SCHOOLS = (
    school("bj1", "110101", "东城一小"), school("bj2", "110101", "=1+1"),
    school("bj3", "110102", "西城一中"), school("dg1", "441900", "东莞一中"),
)
TEACHERS = (
    teacher("ann", "bj1", name="安文", stage="小学", subject="语文"),
    teacher("bob", "bj1", name="包力"), teacher("cui", "bj1", registered=False),
    teacher("dan", "bj2", name="安丹"), teacher("eva", "bj3"), teacher("fan", "dg1"),
    teacher("gus", "nowhere"),
)
VERIFICATIONS = (verified("ann"), verified("dan"), verified("eva"), verified("fan"))
LEDGERS = (
    # ann completed and is verified, bob completed only, dan started, eva only enrolled,
    # fan learned before 报名 (rule 21), zoe is on no roster.
    *story("ann", ("enrolled",), ("started",), *ALL, ("completed",)),
    *story("bob", ("enrolled",), ("started",), *ALL, ("completed",)),
    *story("dan", ("enrolled",), ("started",), ("learned", "ideals", 2699, 2699),
           ("learned", "ethics", 900, 0)),
    *story("eva", ("enrolled",)),
    *story("fan", ("started",), ("learned", "cases", 1000, 0)),
    *story("zoe", ("enrolled",), ("started",), ("learned", "cases", 100, 100)),
)


def country(*more: Record) -> list[Sent]:
    """All records of the country, and `more` of the ledger."""
    log = Log()
    roster = (*REGIONS, *SCHOOLS, *TEACHERS, *VERIFICATIONS)
    return log.roster(*roster) + log.ledger(*LEDGERS, *more)
