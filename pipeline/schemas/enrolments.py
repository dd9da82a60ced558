"""`enrolments`: who enrolled (报名) in which programme, and when."""

from pipeline.schemas.base import EpochMs, Id, Record


class Enrolment(Record):
    """A teacher enrolled in a programme (rule 21). The earliest `at` holds."""

    teacher_id: Id
    programme_id: Id
    at: EpochMs
