"""The page's contents: everything that is shown, in words, decided apart from templates."""

from collections.abc import Mapping
from dataclasses import dataclass

from learner.certificates import CertificateState
from learner.reasons import notes, reasons
from learner.said import Amounts, Course, Programme, Resource
from learner.wording import hours, hours_left, moment
from pipeline.rules.programme import Catalogue, Listing
from pipeline.rules.programme import Programme as Known

MARKS = {"not_started": ("○", "未开始"), "started": ("◐", "学习中"), "done": ("✔", "已完成")}
KINDS = {"video": "视频", "text": "文本"}
SURPLUS = "超出认定学时的部分只记入已学习，不能填补其他课程。"


@dataclass(frozen=True, slots=True)
class Bar:
    """Rule 25: hours as texts, rounded down; `reached` with the same in words and shape.

    `share`: credited of required, in hundredths, rounded down; 100 where nothing is required.
    """

    learned: str
    credited: str
    required: str
    reached: bool
    text: str
    share: int


@dataclass(frozen=True, slots=True)
class Item:
    """A resource (rule 26). `href`: its own page, where there is more to say."""

    id: str
    title: str
    kind: str
    mark: str
    state: str
    worth: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    href: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """A course."""

    id: str
    name: str
    bar: Bar
    done: int
    notes: tuple[str, ...]
    resources: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """`recognised`: hours, and why there are none (rule 13). `notes` hold for all courses."""

    id: str
    name: str
    window: str
    completed: bool
    headline: str
    bar: Bar
    recognised: str
    enrolled: str
    notes: tuple[str, ...]
    certificate: CertificateState
    sections: tuple[Section, ...]
    minutes: int


def programme_view(
    of: Programme, catalogue: Catalogue, certificate: CertificateState, now: int
) -> ProgrammeView:
    """One programme as of `now` (epoch ms)."""
    known = catalogue.programmes.get(of.programme_id)
    completed = of.completed_at is not None
    return ProgrammeView(
        id=of.programme_id, name=of.name, window=_window(known) if known else "",
        completed=completed, headline=headline(of), bar=bar(of, of.seconds_per_hour),
        recognised=hours(of.recognised_seconds, of.seconds_per_hour),
        enrolled=f"✔ 已报名（{moment(of.enrolled_at)}）" if of.enrolled_at is not None
        else "○ 未报名",
        notes=tuple(programme_notes(of, known, now)), certificate=certificate,
        sections=tuple(_section(of, course, catalogue) for course in of.courses),
        minutes=of.seconds_per_hour // 60,
    )


def _window(known: Known) -> str:
    return f"{moment(known.window.opens_at)} 至 {moment(known.window.closes_at)}"


def headline(of: Programme) -> str:
    """Rule 3: how far it is to 结业."""
    if of.completed_at is not None:
        return f"✔ 已结业（{moment(of.completed_at)}）"
    short = [course for course in of.courses if not course.reached]
    if not short:
        return "✘ 未结业：认定学时已满，尚未确认"
    left = hours_left(of.required_seconds - of.credited_seconds, of.seconds_per_hour)
    return f"✘ 未结业：还差 {left} 学时，{len(short)} 门课程未达标"


def programme_notes(of: Programme, known: Known | None, now: int) -> list[str]:
    """What a teacher has to know before looking at single courses."""
    found = []
    if of.enrolled_at is None:
        found.append(_not_enrolled(known))
    elif of.completed_at is None and of.reached:
        found.append("学时已满而没有结业，是因为管理部门暂缓了结业认定：请联系学校管理员。")
    if known and now < known.window.opens_at:
        found.append("学习时间还没有开始，现在观看只记观看时长。")
    if known and now >= known.window.closes_at and of.completed_at is None:
        found.append("学习时间已经结束，现在观看只记观看时长，不再增加学时。")
    return found


def _not_enrolled(known: Known | None) -> str:
    """Rule 21, both readings."""
    if known and not known.credit_before_enrolment:
        return "您还没有报名：报名以前学完的内容不认定学时，请先报名。"
    return "您还没有报名：学完的内容记入已学习，报名以后才认定。"


def bar(of: Amounts, seconds_per_hour: int) -> Bar:
    """Rule 25. Where nothing is required, nothing is missing either."""
    if of.required_seconds:
        left = hours_left(of.required_seconds - of.credited_seconds, seconds_per_hour)
        text = "✔ 已达标" if of.reached else f"✘ 未达标，还差 {left} 学时"
        share = of.credited_seconds * 100 // of.required_seconds
    else:
        text, share = "✔ 拓展课程，不要求学时", 100
    return Bar(hours(of.learned_seconds, seconds_per_hour),
               hours(of.credited_seconds, seconds_per_hour),
               hours(of.required_seconds, seconds_per_hour), of.reached, text, share)


def _section(of: Programme, course: Course, catalogue: Catalogue) -> Section:
    return Section(
        id=course.course_id, name=course.name, bar=bar(course, of.seconds_per_hour),
        done=sum(one.state == "done" for one in course.resources),
        notes=tuple(course_notes(of, course)),
        resources=tuple(item(one, listing(catalogue, of.programme_id, one.resource_id),
                         of.seconds_per_hour) for one in course.resources),
    )


def course_notes(of: Programme, course: Course) -> list[str]:
    """Rules 5 and 13, where they show in this course's numbers."""
    found = []
    listed = sum(one.credit_seconds for one in course.resources if one.state == "done")
    if course.learned_seconds != listed:
        found.append(f"已学习学时含以前研修的结转或人工调整；按下列资源计为 "
                     f"{hours(listed, of.seconds_per_hour)} 学时。")
    if course.required_seconds and course.learned_seconds > course.required_seconds:
        found.append(SURPLUS)
    return found


def listing(catalogue: Catalogue, programme_id: str, resource_id: str) -> Listing | None:
    """The resource in that programme of this server's catalogue."""
    places = catalogue.listings.get(resource_id, ())
    return next((one for one in places if one.programme.id == programme_id), None)


def item(one: Resource, known: Listing | None, seconds_per_hour: int) -> Item:
    """One resource of a course."""
    mark, state = MARKS[one.state]
    if one.done_at is not None:
        state = f"{state}（{moment(one.done_at)}）"
    return Item(
        id=one.resource_id, title=one.title, kind=KINDS[one.kind], mark=mark, state=state,
        worth=f"{hours(one.credit_seconds, seconds_per_hour)} 学时" if one.credit_seconds else "",
        reasons=tuple(reasons(one, known)), notes=tuple(notes(one)),
        href=f"/resources/{one.resource_id}" if one.state != "done" else None,
    )


def play_href(template: str | None, resource_id: str, continue_at_ms: int) -> str | None:
    """Where the platform plays on; whole seconds, rounded down so that nothing is left out."""
    if template is None:
        return None
    said: Mapping[str, str] = {
        "{resource_id}": resource_id, "{seconds}": str(continue_at_ms // 1000)}
    for name, value in said.items():
        template = template.replace(name, value)
    return template

