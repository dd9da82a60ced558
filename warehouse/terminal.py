"""A report for the terminal: the funnel, then the courses."""

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from warehouse.figures import STAGES, CourseFigures, Row
from warehouse.render import STAGE_NAMES, hours, rate, status
from warehouse.report import Report

MIN_WIDTH = 150  # two tables of Chinese headings; what is narrower wraps every cell


def as_table(report: Report, colour: bool, width: int) -> str:
    """Two tables as text, at least MIN_WIDTH columns wide; `colour` with escape codes."""
    text = io.StringIO()
    console = Console(
        file=text, width=max(width, MIN_WIDTH), force_terminal=colour, no_color=not colour,
        highlight=False, markup=False,
    )
    programme = report.programme
    console.print(f"{report.region_name} {report.region}　{programme.name}　"
                  f"截至 {report.as_of_local}　发布 {report.publication_id}")
    console.print(_funnel(report))
    console.print(_courses(report))
    console.print(
        f"各阶段只计同时到达此前各阶段的教师，率为占在册教师的百分比；"
        f"1 学时 = {programme.seconds_per_hour} 秒，学时向下取两位小数。")
    return text.getvalue()


def _funnel(report: Report) -> Table:
    table = _table(report)
    for stage in STAGES:
        table.add_column(STAGE_NAMES[stage], justify="right")
    for heading in ("已学习学时", "已认定学时", "认定学时", "被认定学时"):
        table.add_column(heading, justify="right")
    table.add_column("状态", no_wrap=True)
    for row in report.rows:
        table.add_row(*_name(row), *_stages(row), *_hours(report, row), _status(row.reached))
    return table


def _courses(report: Report) -> Table:
    table = _table(report)
    table.title = "各课程：已认定学时/认定学时"
    for _, name, _ in report.programme.courses:
        table.add_column(name, justify="right", overflow="fold")
    for row in report.rows:
        table.add_row(*_name(row), *(_course(report, course) for course in row.courses))
    return table


def _table(report: Report) -> Table:
    table = Table(show_lines=False)
    table.add_column("代码", no_wrap=True)
    table.add_column("学校" if any(r.kind == "school" for r in report.rows) else "地区")
    return table


def _name(row: Row) -> tuple[Text, Text]:
    style = "bold" if row.kind == "total" else ""
    return Text(row.code, style), Text(row.name, style)


def _stages(row: Row) -> list[Text]:
    everybody = row.stages["on_roster"]
    shares = [(row.stages[stage], rate(row.stages[stage], everybody)) for stage in STAGES]
    return [
        Text(f"{count}" if place == 0 or share is None else f"{count}\n{share:.1f}%")
        for place, (count, share) in enumerate(shares)
    ]


def _hours(report: Report, row: Row) -> list[Text]:
    per_hour = report.programme.seconds_per_hour
    amounts = (row.learned, row.credited, row.required, row.recognised)
    return [Text(f"{hours(seconds, per_hour):.2f}") for seconds in amounts]


def _course(report: Report, course: CourseFigures) -> Text:
    per_hour = report.programme.seconds_per_hour
    if course.reached is None:  # an extension: nothing is credited, it only learns (rule 13)
        return Text(f"{hours(course.learned, per_hour):.2f}\n仅学习")
    text = Text(f"{hours(course.credited, per_hour):.2f}/{hours(course.required, per_hour):.2f}\n")
    return text + _status(course.reached)


def _status(reached: bool | None) -> Text:
    """Red or blue, and the same in shape and words (rule 25)."""
    colours = {True: "blue", False: "red", None: ""}
    return Text(status(reached), colours[reached])
