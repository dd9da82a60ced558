"""The sentences about a resource that is done: what it counted for, and what is left to do."""

from collections.abc import Iterator

from audit.explain.decisions import Decided
from audit.explain.findings import Finding
from audit.explain.states import Season, State
from audit.explain.words import full_moment, hours, hours_left, moment
from pipeline.rules.credit import CourseStanding
from pipeline.schemas.adjustments import Grant, OpeningBalance, Withdrawal

MOST_COURSES = 3


def why_done(finding: Finding, now: int) -> str:
    """When it was done, and what that came to."""
    return f"{_done_at(finding, now)}{_worth(finding)}"


def _done_at(finding: Finding, now: int) -> str:
    verb = "读完" if finding.is_text else "完成"
    at = moment(finding.done_at or 0, now)
    if finding.carried_from:
        return f"{at}在之前的研修中已经{verb}，自动带入本研修"
    return f"{at}已经{verb}"


def _worth(finding: Finding) -> str:
    worth = _hours(finding, finding.worth)
    match finding.states[0]:
        case State.TEXT_DONE:
            return "。文本资源只记录学习进度，不计学时。"
        case State.NOT_ENROLLED:
            return f"，值{worth}学时；但没有查到这项研修的报名记录，报名以后才计入。"
        case State.BEFORE_ENROLMENT:
            return f"；本研修规定，报名以后完成的才计入，所以这{worth}学时不计。"
        case State.IN_OPENING:
            return f"，值{worth}学时；以前的系统转入的学时里已经包含，不重复计。"
        case State.TAKEN_AWAY:
            return f"，值{worth}学时；但这门课程的学时经过人工调整，见下面。"
    return _in_course(finding, worth)


def _in_course(finding: Finding, worth: str) -> str:
    """What it came to beside what else was learned in the course (rule 13)."""
    name, counted = finding.listing.course.name, _hours(finding, finding.counted)
    match finding.states[0]:
        case State.EXTENSION:
            return f"，已学习{worth}学时；“{name}”是拓展课程，不计认定学时。"
        case State.COURSE_FULL:
            required = _hours(finding, finding.course.required)
            return (f"，已学习{worth}学时；但“{name}”要求的{required}学时已经满了，"
                    "所以认定学时不再增加。")
    if finding.counted < finding.worth and finding.course.credited < finding.course.required:
        return f"，值{worth}学时；这门课程的学时经过人工调整，所以只计入{counted}学时，见下面。"
    if finding.counted < finding.worth:
        return f"，值{worth}学时；“{name}”当时只差{counted}学时，所以计入{counted}学时。"
    return f"，已计入{worth}学时。"


def _hours(finding: Finding, seconds: int) -> str:
    return hours(seconds, finding.listing.programme.seconds_per_hour)


def todo_done(finding: Finding) -> str:
    """What the teacher has to do although it is done, and what is good to know."""
    match finding.states[0]:
        case State.TEXT_DONE:
            return "不用再做什么。"
        case State.NOT_ENROLLED if finding.season in (Season.LATE, Season.CLOSED):
            return "研修已经结束，请联系学校确认报名情况；补上报名以后会自动计入，不用重看。"
        case State.NOT_ENROLLED:
            return "要参加这项研修，请报名；报名以后会自动计入，不用重看。"
    return f"这个视频不用再看了。{_outlook(finding)}"


def decided(finding: Finding, now: int) -> Iterator[str]:
    """What people decided, a line each."""
    for one in finding.decisions:
        decision = one.decision
        taken_back = "，后来已撤销" if one.is_reversed else ""
        yield (f"{moment(decision.at, now)}{_decision(finding, one)}{taken_back}"
               f"（经办：{decision.by}；理由：{decision.reason}）")


def _decision(finding: Finding, one: Decided) -> str:
    match one.decision:
        case Grant(seconds=seconds):
            return f"增加{_hours(finding, seconds)}学时"
        case Withdrawal(seconds=seconds):
            return f"扣减{_hours(finding, seconds)}学时"
        case OpeningBalance(seconds=seconds, as_of=as_of):
            return f"转入以前系统的{_hours(finding, seconds)}学时，截至{full_moment(as_of)}"
    return "暂停本研修的认定"


def _outlook(finding: Finding) -> str:
    """How far the whole programme is: before it is completed nothing is recognised (13)."""
    if finding.standing.completed_at is not None:
        return "本研修已结业，学时已被认定。"
    if finding.standing.is_held:
        return "本研修的认定已由管理人员暂停，恢复以后才会被认定。"
    courses = {course.id: course.name for course in finding.listing.programme.courses}
    lacking = [row for row in finding.standing.courses if row.credited < row.required]
    per_hour = finding.listing.programme.seconds_per_hour
    named = "、".join(_lack(row, courses[row.course_id], per_hour)
                     for row in lacking[:MOST_COURSES])
    more = f"，等{len(lacking)}门课程" if len(lacking) > MOST_COURSES else ""
    return f"各门课程都达标（结业）以后，学时才会被认定；现在还差{named}{more}。"


def _lack(row: CourseStanding, name: str, per_hour: int) -> str:
    return f"“{name}”{hours_left(row.required - row.credited, per_hour)}学时"
