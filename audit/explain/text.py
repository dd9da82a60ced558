"""The explanation as a page of Chinese that a helpdesk can read out."""

import io
from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table

from audit.explain.explanation import Explanation
from audit.explain.findings import Finding
from audit.explain.live import Live, Standing
from audit.explain.plays import Attempt, PlaySession
from audit.explain.refused_lines import refused_lines
from audit.explain.sentences import heading, todo, why
from audit.explain.sentences_done import decided
from audit.explain.words import (
    full_moment,
    length,
    moment,
    period,
    position,
    short,
    watched,
)

WIDTH = 100
MOST_ROWS = 20


def as_text(explanation: Explanation, live: Live) -> str:
    """The page: verdicts, sessions, quizzes, refusals, remarks. Tables are WIDTH columns wide."""
    parts = [part if isinstance(part, str) else _drawn(part)
             for part in _parts(explanation, live)]
    return "\n".join(parts) + "\n"


def _drawn(table: Table) -> str:
    out = io.StringIO()
    Console(file=out, width=WIDTH, color_system=None, highlight=False, markup=False,
            emoji=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n")


def _parts(one: Explanation, live: Live) -> Iterator[str | Table]:
    yield from _alarm(live)
    yield from _title(one)
    yield from _verdicts(one)
    yield from _sessions(one)
    yield from _attempts(one)
    yield from refused_lines(one)
    yield from _remarks(one, live)


def _verdicts(one: Explanation) -> Iterator[str]:
    said = ""
    for finding in sorted(one.findings, key=_nearest):
        programme, course = finding.listing.programme, finding.listing.course
        cause = why(finding, one.now)
        yield f"\n【{programme.name}】{course.name}　{heading(finding)}"
        yield f"原因：{'同上。' if cause == said else cause}"
        yield f"现在：{todo(finding, one.now)}"
        yield from (f"调整：{line}" for line in decided(finding, one.now))
        said = cause


def _nearest(finding: Finding) -> tuple[bool, int]:
    """Programmes that the teacher enrolled in first, the latest before older ones."""
    return finding.standing.enrolled_at is None, -finding.listing.programme.window.opens_at


def _title(one: Explanation) -> Iterator[str]:
    kind = "文本" if one.resource.kind == "text" else "视频"
    yield (f"教师 {one.teacher_id}　{kind}《{one.resource.title}》"
           f"（{one.resource.id}，{position(one.resource.duration_ms)}）")
    yield f"查询时间 {full_moment(one.now)}，以下都是北京时间；位置为 分:秒。"


def _sessions(one: Explanation) -> Iterator[str | Table]:
    if not one.seen.sessions:
        return
    yield f"\n■ 播放记录（合计观看{length(one.watch_ms)}）"
    table = _table("次", "编号", "打开", "收到", "算作看过的部分", "倍速", "备注")
    rows = list(enumerate(one.seen.sessions, 1))
    for number, session in rows[-MOST_ROWS:]:
        seen = watched(session.watched).replace("、", "\n") or "无"
        table.add_row(
            str(number), short(session.session_id), moment(session.opened_at, one.now),
            period(session.first_at, session.last_at, one.now), seen, _rates(session),
            _remark(one, session))
    yield table
    yield from _left_out(len(rows))


def _left_out(count: int) -> Iterator[str]:
    if count > MOST_ROWS:
        yield f"（只列出最近{MOST_ROWS}次，共{count}次；全部见 --json。）"


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in headings:
        table.add_column(name, overflow="fold")
    return table


def _rates(session: PlaySession) -> str:
    if session.rates is None:
        return "—"
    slowest, fastest = (f"{rate / 100:g}" for rate in session.rates)
    return slowest if slowest == fastest else f"{slowest}–{fastest}"


def _remark(one: Explanation, session: PlaySession) -> str:
    remarks = []
    if session.refused:
        remarks.append(f"{session.refused}条没有采纳")
    if session.repeated:
        remarks.append(f"重复{session.repeated}条，不影响")
    outside = [f.listing.programme.name for f in one.findings
               if session.accepted and f.listing.programme.id not in session.counts_in]
    if outside:
        remarks.append(f"不在{'、'.join(outside)}的开放时间内")
    return "；".join(remarks)


def _attempts(one: Explanation) -> Iterator[str | Table]:
    if not one.resource.quizzes:
        return
    yield "\n■ 测验记录"
    if not one.seen.attempts:
        yield "没有收到过答卷。"
        return
    table = _table("时间", "测验位置", "答对", "结果")
    for attempt in one.seen.attempts[-MOST_ROWS:]:
        table.add_row(moment(attempt.received_at, one.now), position(attempt.at_ms),
                      f"{attempt.of}题对{attempt.right}题", _result(one, attempt))
    yield table
    yield from _left_out(len(one.seen.attempts))


def _result(one: Explanation, attempt: Attempt) -> str:
    if not attempt.inside:
        return "不在研修开放时间内，不算"
    results = {f.listing.programme.name: _result_in(f.listing.programme.id, attempt)
               for f in one.findings if f.listing.programme.id in attempt.inside}
    if len(set(results.values())) == 1:
        return next(iter(results.values()))
    return "；".join(f"{name}：{result}" for name, result in results.items())


def _result_in(programme_id: str, attempt: Attempt) -> str:
    if not attempt.looked_at_in(programme_id):
        return "次数已用完，不算"
    return "通过" if programme_id in attempt.passed else "没有通过"


def _remarks(one: Explanation, live: Live) -> Iterator[str]:
    remarks = [*_remarks_on_evidence(one), *_remarks_on_live(live)]
    if remarks:
        yield "\n■ 说明"
    for remark in remarks:
        yield f"· {remark}"


def _remarks_on_evidence(one: Explanation) -> Iterator[str]:
    if not one.seen.sessions and not one.seen.refusals:
        yield ("没有登录、登录了别的账号、页面开得太久登录已失效、或者一直断网，都不会留下记录；"
               "请教师核对账号后重新打开播放。")
    if one.extent.since is not None:
        yield f"只查了{full_moment(one.extent.since)}以后存入的记录，结论可能不完整。"
    elif not one.extent.whole:
        first_at = one.extent.first_at
        yield (f"{full_moment(first_at)}以前" if first_at is not None else "以前") + \
            "存入的记录已按期限删除，结论可能不完整。"
    if one.check.only_replayed:
        yield f"有{one.check.only_replayed}条没有采纳的记录，系统还没有登记，可以稍后再查一次。"


def _remarks_on_live(live: Live) -> Iterator[str]:
    if live.standing is Standing.AGREES:
        yield "与系统现在显示的结果一致。"
    elif live.standing is Standing.BEHIND:
        yield "系统还在处理这位教师的记录，显示的结果可能稍后才变。"


def _alarm(live: Live) -> Iterator[str]:
    if live.standing is Standing.DIFFERS:
        yield "！！！系统现在显示的结果与存储的记录不一致。"
        yield "这是系统的错误，不是教师的问题，请转技术人员："
        for difference in live.differences:
            yield f"！{difference}"
        yield ""
