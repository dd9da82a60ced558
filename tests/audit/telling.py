"""What a teacher did, as in the specification, and what is explained of it."""

from collections.abc import Sequence

from audit.explain.explanation import Explanation, explain
from audit.explain.findings import Finding
from audit.explain.records import Evidence, Logged
from pipeline.rules.programme import Programme
from pipeline.schemas.adjustments import AnyAdjustment
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.rejections import Rejection
from tests.spec.story import Step, Story, moment, tell

NOW = moment("2023-08-20 12:00")
ENROLLED = moment("2023-07-14 08:00")


def explained(
    steps: Sequence[Step],
    *programmes: Programme,
    of: str = "video",
    enrolled: Sequence[str] | None = None,
    enrolled_at: int = ENROLLED,
    now: int = NOW,
    rejections: Sequence[Rejection] = (),
    adjustments: Sequence[AnyAdjustment] = (),
) -> Explanation:
    """The explanation of resource `of`, for a teacher who enrolled in all the programmes unless
    it is said in which.
    """
    story = tell(steps, *programmes)
    wanted = [p.id for p in programmes] if enrolled is None else enrolled
    return explain(story.catalogue, Evidence(
        "t1", of, events=logged(story),
        enrolments=tuple(Enrolment(teacher_id="t1", programme_id=id_, at=enrolled_at)
                         for id_ in wanted),
        adjustments=tuple(adjustments), rejections=tuple(rejections)), now)


def logged(story: Story) -> tuple[Logged, ...]:
    """What arrived, a record each."""
    return tuple(Logged(0, offset, event) for offset, event in enumerate(story.sent))


def finding(one: Explanation, programme_id: str = "summer") -> Finding:
    return next(f for f in one.findings if f.listing.programme.id == programme_id)
