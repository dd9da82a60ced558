"""The certificate in words: how to get it, or all that is missing (rule 23)."""

from dataclasses import dataclass

from learner.published import OnRoster
from learner.said import Programme
from warehouse.certificate.entitlement import day_of
from warehouse.certificate.issuing import Standing
from warehouse.certificate.number import code, written
from warehouse.certificate.words import chinese_day

ASK = "需要纸质证书时，请把证书编号告诉学校管理员或当地教育行政部门，由其打印。"
NOT_COMPLETED = "尚未结业：每门课程都要达到认定学时。"
NOT_VERIFIED = "身份尚未审核：请联系学校管理员审核认证。"
OFF_ROSTER = "已发布的教师名册中没有您的账号：请联系学校管理员核对。"
NEXT = "两项条件都已满足，下一次数据发布后即可领取。"
CHANGED = "您的结业状态在上次发布之后有变动，请等下一次数据发布。"


@dataclass(frozen=True, slots=True)
class CertificateState:
    """`mark` ✔ once it can be had, ○ before; `verified`: the identity in words with its mark;
    `lines`: what is missing, or how to get it. `number` only if it is due and the key is known.
    """

    mark: str
    text: str
    verified: str
    lines: tuple[str, ...]
    number: str | None = None


def unreadable() -> CertificateState:
    """There are published files, and they cannot be read now."""
    return CertificateState("○", "暂时无法读取", "○ 暂时无法读取", ("请过几分钟再刷新本页。",))


def certificate_state(
    of: Programme, teacher_id: str, published: OnRoster | None, secret: bytes | None
) -> CertificateState:
    """Completion is as of now, verification as published; None: nothing is published yet."""
    if published is None:
        lines = () if of.completed_at is not None else (NOT_COMPLETED,)
        return CertificateState("○", "尚未发布", "○ 尚未发布", lines)
    standing = published.standings.get(of.programme_id)
    if standing is None and published.standings:
        return CertificateState("○", "尚未发布", _verified(published), ())
    if standing is None:
        return CertificateState("○", "还不能领取", "○ 不在名册", (OFF_ROSTER,))
    if of.completed_at is not None and standing.due_at is not None:
        return _due(standing, standing.due_at, teacher_id, secret)
    return CertificateState("○", "还不能领取", _verified(published), _missing(of, standing))


def _due(
    standing: Standing, due_at: int, teacher_id: str, secret: bytes | None
) -> CertificateState:
    day = day_of(due_at)
    number = written(code(secret, standing.programme_id, teacher_id, day)) if secret else None
    lines = (f"签发日期：{chinese_day(day)}。", ASK)
    return CertificateState("✔", "可以领取", "✔ 已审核", lines, number)


def _missing(of: Programme, standing: Standing) -> tuple[str, ...]:
    """Everything at once, so that nobody comes back for the next reason."""
    completed = of.completed_at is not None
    if not completed and standing.due_at is not None:
        return (CHANGED,)
    if completed and standing.verified:
        return (NEXT,)
    return tuple(line for line, is_there in (
        (NOT_COMPLETED, completed), (NOT_VERIFIED, standing.verified)) if not is_there)


def _verified(published: OnRoster) -> str:
    """The identity is the account's, not a programme's."""
    is_verified = any(one.verified for one in published.standings.values())
    return "✔ 已审核" if is_verified else "○ 未审核"
