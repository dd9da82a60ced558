"""A certificate as a page to print: one file, nothing loaded from anywhere."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warehouse.certificate.issuing import Certificate
from warehouse.certificate.words import chinese_day, chinese_hours, chinese_moment


def page(of: Certificate) -> bytes:
    """The page, UTF-8 HTML; one sheet of A4, landscape."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return templates.get_template("page.html").render(
        of=of, hours=chinese_hours(of.hours), day=chinese_day(of.day),
        as_of=chinese_moment(of.as_of),
    ).encode()
